"""Full-text search: the index written with the articles, what finds and ranks, and the stretch of a text that shows why."""
