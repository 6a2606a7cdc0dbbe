"""A study with many loggers."""
