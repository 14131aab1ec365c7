"""The published copy as people read it: articles, stories, and why they are what they are."""
