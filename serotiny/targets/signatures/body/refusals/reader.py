"""The conditions on its arguments under which a body certainly raises an error: `if nesterov and momentum <= 0: raise`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from serotiny.targets.signatures.body.called import called, maker_of
from serotiny.targets.signatures.body.refusals.cases import Cases
from serotiny.targets.signatures.body.refusals.walk import Walk
from serotiny.targets.signatures.body.refusals.when_run import WHEN_RUN

if TYPE_CHECKING:
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import Symbol
    from serotiny.targets.signature import Refusal


def refusals_of(symbol: Symbol, resolver: NameResolver) -> tuple[Refusal, ...]:
    """What a class or function refuses, in terms of its own parameters.

    What the body itself compares with numbers or texts is left out: `choices` reads that.
    """
    found: list[Refusal] = []
    for function in called(symbol, resolver):
        stands_for = {name: ast.Name(name) for name in function.given}
        found += Walk(function, resolver, stands_for).refusals()
    maker = maker_of(symbol, resolver)
    if maker is not None:
        found += Cases(maker, resolver).refusals()
    return tuple(dict.fromkeys((*found, *WHEN_RUN.get(symbol.path, ()))))
