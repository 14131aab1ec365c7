"""A feed or page address to documents: HTTP, robots, politeness, feed parsing, and when to poll again."""
