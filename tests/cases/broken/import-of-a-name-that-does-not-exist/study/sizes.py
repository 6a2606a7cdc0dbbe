"""Sizes of layers."""

width = 3


class Size:
    """A size, whose text `width` is its own."""

    def __init__(self, width: int):
        self.width = width
