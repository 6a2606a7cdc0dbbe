"""A module of a folder without `__init__.py` beside the script."""


class Size:
    """A size."""

    def __init__(self, metres: float) -> None:
        """Keep its metres."""
        self.metres = metres
