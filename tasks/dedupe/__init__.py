"""Which articles are copies of which: fingerprints, exact comparison, groups."""
