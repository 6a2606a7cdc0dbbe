"""A network to name."""


class Wide:
    """Without layers to count."""

    def __init__(self, width: int):
        self.width = width
