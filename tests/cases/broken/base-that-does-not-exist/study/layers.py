"""Layers of a network."""

from torch import nn


class Stack(nn.Modul):
    """So many layers."""

    def __init__(self, width: int):
        super().__init__()
        self.width = width


class Other(nn.Modul):
    """One report is enough."""
