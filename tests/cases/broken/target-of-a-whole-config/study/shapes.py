"""What configs make."""


class Square:
    """A square."""

    def __init__(self, side: float) -> None:
        """Keep its side."""
        self.side = side
