"""What the script imports by its bare name."""

from blocks.sizes import Size


class Square:
    """A square."""

    def __init__(self, side: Size) -> None:
        """Keep its side."""
        self.side = side
