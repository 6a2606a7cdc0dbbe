"""Sizes."""

__all__ = [name.title() for name in ("size",)]


class Size:
    """A size."""
