"""Layers of a network."""

from .sises import Size


class Stack:
    """So many layers."""

    def __init__(self, width: int):
        self.width = Size(width)
