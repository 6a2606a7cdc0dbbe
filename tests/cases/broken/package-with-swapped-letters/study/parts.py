"""A task that takes what an option of another group adds to it."""


class Task:
    """Takes what it is given."""

    def __init__(self, rate: float, optimizer_rate: float) -> None:
        self.rate = rate + optimizer_rate
