"""Stage two: evaluate interpolations."""
