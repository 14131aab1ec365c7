"""Which articles tell the same event: terms, weights, clustering, threads."""
