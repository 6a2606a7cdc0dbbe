"""A regression on a small table: configs alone."""
