"""Render explanations of keys and codes."""
