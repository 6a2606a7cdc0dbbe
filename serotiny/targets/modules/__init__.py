"""Modules as they lie on disk, found and parsed without importing them."""
