"""Copies in the store: fingerprints, candidates, relations and duplicate groups, kept current batch by batch."""
