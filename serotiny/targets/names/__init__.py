"""Resolve dotted paths, and names within a module."""
