"""The feed list, what polling needs to know, and what it has learned."""
