"""Stage two: interpolations become values."""
