"""Run checks, each by its name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from serotiny.compiler.checks.context import Check, CheckContext
from serotiny.diagnostics import Diagnostic, SerotinyError


class CheckError(SerotinyError):
    """A check cannot be loaded, or broke off."""


@dataclass(frozen=True)
class NamedCheck:
    """A check and what messages call it."""

    name: str
    check: Check


def run_checks(checks: Iterable[NamedCheck], context: CheckContext) -> list[Diagnostic]:
    """Everything that the checks find.

    Raises:
        CheckError: one raised, or gave something else than diagnostics.
    """
    faults: list[Diagnostic] = []
    for named in checks:
        faults += _run(named, context)
    return faults


def _run(named: NamedCheck, context: CheckContext) -> list[Diagnostic]:
    try:
        found = list(named.check(context))
    except Exception as error:
        raise CheckError(
            f"the check `{named.name}` broke off with {type(error).__name__}: {error}; "
            "fix it, or uninstall the package that registers it"
        ) from error
    for item in found:
        if not isinstance(item, Diagnostic):
            raise CheckError(
                f"the check `{named.name}` gave a {type(item).__name__}; a check gives `Diagnostic` values"
            )
    return found
