"""The network of the study."""

from torch import nn


class Net(nn.Module):
    """One layer."""

    def __init__(self, width: int, depth: int = 1) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))


def make_net(part: object) -> Net:
    """The network that a part of the config describes."""
    return Net(part.width, depth=part.depth)
