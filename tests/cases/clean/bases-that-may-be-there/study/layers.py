"""Classes whose bases are there in some way that is known at run time alone, or in other versions."""

from __future__ import annotations

import typing

import torch
from torch import nn

from study import made, patched

try:
    from torch.nn import Modul as Base
except ImportError:
    from torch.nn import Module as Base

patched.Layer = nn.Module

if hasattr(nn, "Modul"):

    class Later(nn.Modul):
        """Defined by a version to come."""


class Plain(Base):
    """Of whichever base there is."""


class Made(made.Anything):
    """Of a base that a module makes when it is asked for it."""


class Patched(patched.Layer):
    """Of a base that this module has put there."""


class Listed(typing.Generic[typing.TypeVar("T")]):
    """Of a base with an index."""


class Stack(torch.nn.Module):
    """So many layers."""

    def __init__(self, width: int):
        super().__init__()
        self.width = width
