"""What makes the jobs of a sweep."""

from __future__ import annotations

from dataclasses import dataclass

from serotiny.diagnostics import Diagnostic, Place


@dataclass(frozen=True)
class Sweeper:
    """The sweeper that makes the jobs of a sweep.

    Attributes:
        takes_all: whether it runs every combination of values, as Hydra's own does, instead of sampling.
        is_optuna: whether it is Optuna's, to which the end of a range is one of its values.
        lists_values: whether it tries values that it lists first, as Optuna's grid does, instead of drawing them.
        params: what it sweeps over in addition to the overrides, as overrides, each with its place.
        faults: SER106 for each of `params` that is no override.
    """

    takes_all: bool = True
    is_optuna: bool = False
    lists_values: bool = False
    params: tuple[tuple[str, Place], ...] = ()
    faults: tuple[Diagnostic, ...] = ()
