"""A judge."""


class Strict:
    """A judge."""

    def __init__(self, bound: float) -> None:
        """Keep the bound."""
        self.bound = bound
