"""A task that is given the class of its optimizer."""

import torch


class Task:
    """Makes the optimizer itself."""

    def __init__(self, optimizer_cls: type[torch.optim.Optimizer], lr: float = 0.1) -> None:
        self.optimizer = optimizer_cls([], lr=lr)
