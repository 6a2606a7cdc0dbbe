"""One of the modules."""


class LinearHead:
    """Nothing to set."""
