"""Hydra's override grammar."""

from __future__ import annotations

from functools import lru_cache

from serotiny.compiler.hydra.errors import Rejected
from serotiny.compiler.limits import MAX_GLOB_PATTERNS, MAX_OVERRIDE_DEPTH, MAX_OVERRIDE_LENGTH
from serotiny.compiler.syntax.override import Override
from serotiny.compiler.syntax.simple_override import parse_simple


@lru_cache(maxsize=4096)
def parse_override(argument: str) -> Override:
    """Parse one argument in Hydra's override grammar.

    Results are cached, since the jobs of a sweep share most of their arguments: do not change a value.

    Raises:
        Rejected: it is no override; the text says why.
    """
    _refuse_excess(argument)
    simple = parse_simple(argument)
    if simple is not None:
        return simple
    # imports Hydra, which takes longer than most checks and which few arguments need
    from serotiny.compiler.hydra.override_grammar import parse

    return parse(argument)


def _refuse_excess(argument: str) -> None:
    """Refuse arguments that are too long or nested too deeply, for which Hydra's grammar would take very long."""
    if len(argument) > MAX_OVERRIDE_LENGTH:
        raise Rejected(f"it is longer than {MAX_OVERRIDE_LENGTH:,} characters")
    key = argument.partition("=")[0]
    depth = key.count(".") + key.count("/") + key.count("[")
    if depth > MAX_OVERRIDE_DEPTH:
        raise Rejected(f"its key has more than {MAX_OVERRIDE_DEPTH} steps")
    # for patterns of several tokens each, its time grows with the square of their number
    if "glob(" in argument and argument.count(",") > MAX_GLOB_PATTERNS:
        raise Rejected(f"it has more than {MAX_GLOB_PATTERNS:,} patterns")
    for character in argument:
        depth += (character in "([{") - (character in ")]}")
        if depth > MAX_OVERRIDE_DEPTH:
            raise Rejected(f"it is nested deeper than {MAX_OVERRIDE_DEPTH} levels")
