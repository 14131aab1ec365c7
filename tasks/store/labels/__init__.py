"""Topics and entities in the store: one's own topics, who is who across articles, labelling anew."""
