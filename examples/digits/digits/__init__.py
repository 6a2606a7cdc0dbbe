"""A small serotiny project: models of handwritten digits."""
