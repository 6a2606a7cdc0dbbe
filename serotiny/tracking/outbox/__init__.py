"""A local journal of everything that a run records, and its delivery to the store."""
