"""What the configs name; a script is told which of them to start from."""


class Net:
    """Takes a width."""

    def __init__(self, width: int):
        self.width = width
