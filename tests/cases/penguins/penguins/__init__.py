"""Penguins of three kinds."""
