"""Finding names: tokens, table, rules, and the registry that gives each name one identity in a document."""
