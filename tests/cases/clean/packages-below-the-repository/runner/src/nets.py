"""A net."""


class Net:
    """A net."""

    def __init__(self, width: int) -> None:
        """Keep the width."""
        self.width = width
