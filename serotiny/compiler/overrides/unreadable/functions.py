"""Calls of functions in a value: of Hydra's with something else than they take, and of those of other tools."""

from __future__ import annotations

import re
from typing import Final

from serotiny.compiler.overrides.quoting import for_shell, reads
from serotiny.diagnostics import closest

_CALL: Final = re.compile(r"([A-Za-z_]\w*)\((.*)\)", re.ASCII)
_FUNCTIONS: Final = {
    "choice": "choice(a,b)",
    "range": "range(1,5)",
    "glob": "glob(a*)",
    "interval": "interval(0.1,1)",
    "sort": "sort(3,1)",
    "shuffle": "shuffle(a,b)",
    "tag": "tag(best,choice(a,b))",
    "int": "int(3.0)",
    "float": "float(3)",
    "str": "str(3)",
    "bool": "bool(1)",
}
"""Hydra's functions, with an example of each."""
_OF_OTHER_TOOLS: Final = {
    "uniform": "interval({})",
    "quniform": "interval({})",
    "suggest_float": "interval({})",
    "loguniform": "tag(log,interval({}))",
    "log_uniform": "tag(log,interval({}))",
    "loginterval": "tag(log,interval({}))",
    "randint": "range({})",
    "suggest_int": "range({})",
    "grid": "choice({})",
    "grid_search": "choice({})",
    "sweep": "choice({})",
    "values": "choice({})",
    "categorical": "choice({})",
    "suggest_categorical": "choice({})",
    "log": "tag(log,{})",
}
"""What sweeps are made of elsewhere, as Hydra's functions."""
_SPACED: Final = frozenset({"linspace", "logspace", "geomspace", "arange"})


def refused_call(key: str, value: str) -> tuple[str, str] | None:
    """What is wrong with a value that is a call, and what to write; None for another value."""
    call = _CALL.fullmatch(value)
    if call is None:
        return None
    name, arguments = call[1], call[2].strip("[]")
    example = _FUNCTIONS.get(name)
    if example is not None:
        return f"`{name}` does not take that", f"write `{for_shell(f'{key}={example}')}`"
    why = f"Hydra has no function `{name}`"
    if name in _SPACED:
        return why, f"list the values, with commas between them: `{key}=0.1,0.2`"
    other = _OF_OTHER_TOOLS.get(name.lower())
    meant = closest(name, _FUNCTIONS) if other is None else None
    for form in (other and other.format(arguments), meant and f"{meant}({call[2]})"):
        if form and reads(f"{key}={form}"):
            return why, f"write `{for_shell(f'{key}={form}')}`"
    return why, f"there are {', '.join(f'`{known}`' for known in _FUNCTIONS)}"
