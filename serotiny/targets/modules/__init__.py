"""Modules on disk, found and parsed without importing them."""
