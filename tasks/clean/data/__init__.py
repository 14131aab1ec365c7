"""Models of this room; each has its card beside it."""
