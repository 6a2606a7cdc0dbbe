"""Layers of a network."""

from study.sizes import (
    Size,
    widht,
)


class Stack:
    """So many layers."""

    def __init__(self, width: int):
        self.width = Size(width * widht)
