"""Articles in the store: which one an arriving document is, its versions, what it was made of, what was refused."""
