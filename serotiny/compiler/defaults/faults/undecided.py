"""SER204, SER205: choices that are made only when a job starts, and cannot be made then."""

from __future__ import annotations

from collections.abc import Callable

from serotiny.compiler.defaults.configs import Undecided
from serotiny.compiler.syntax.resolvers import (
    RESOLVERS,
    is_registered,
    resolver_names,
    unknown_resolver,
    unset_variable,
    unset_variables,
)
from serotiny.diagnostics import Diagnostic, Place


def not_decided(
    undecided: Undecided, place: Place, registered: Callable[[], frozenset[str]]
) -> Diagnostic | None:
    """SER204 or SER205 for a choice that is made by a variable that is not set or a resolver that does not exist."""
    for name in resolver_names(undecided.text):
        if name not in RESOLVERS and not is_registered(name, registered()):
            message, how, suggestion = unknown_resolver(name, registered())
            return Diagnostic("SER205", message, place, undecided.group, help=how, suggestion=suggestion)
    for name in unset_variables(undecided.text):
        message, fix = unset_variable(name)
        return Diagnostic("SER204", message, place, undecided.group, help=fix)
    return None
