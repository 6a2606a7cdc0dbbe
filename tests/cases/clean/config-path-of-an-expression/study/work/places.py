"""Where a study works."""


class Place:
    """A place of work."""

    def __init__(self, config: object) -> None:
        self.config = config
