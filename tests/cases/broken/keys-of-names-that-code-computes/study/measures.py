"""What is measured."""


class Measure:
    """A number with a name."""

    def __init__(self, name):
        self.name = name
        self.value = 3
