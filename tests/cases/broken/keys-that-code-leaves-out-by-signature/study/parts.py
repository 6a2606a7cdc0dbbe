"""What the script makes."""


class Net:
    """Has a width."""

    def __init__(self, width: int = 1):
        self.width = width
