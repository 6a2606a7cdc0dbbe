"""Handwritten digits as PNG files."""
