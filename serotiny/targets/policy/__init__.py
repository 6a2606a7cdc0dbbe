"""The targets that a config may name."""
