"""Layers of a network."""


def stack(width: int)
    """So many layers."""
    return [width]
