"""Queries about a compiled config."""
