"""A network."""


class Net:
    """Does nothing."""
