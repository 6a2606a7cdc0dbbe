"""Run checks, each by its name."""

from __future__ import annotations

from dataclasses import dataclass

from serotiny.compiler.checks.context import Check, CheckContext
from serotiny.diagnostics import Diagnostic, SerotinyError


class CheckError(SerotinyError):
    """A check cannot be loaded, or raised an exception."""


@dataclass(frozen=True)
class NamedCheck:
    """A check and what messages call it.

    Attributes:
        of_targets: it looks at nothing but the parts of a config that hold a `_target_`, so that jobs with
            the same parts are checked once.
        also_of: further keys of the root that such a check looks at.
        of_each_part: it looks at each part of a config by itself, so that a part that jobs share is checked once.
    """

    name: str
    check: Check
    of_targets: bool = False
    also_of: tuple[str, ...] = ()
    of_each_part: bool = False


def run_check(named: NamedCheck, context: CheckContext) -> list[Diagnostic]:
    """Everything that a check finds.

    Raises:
        CheckError: it raised, or gave something else than diagnostics.
    """
    try:
        found = list(named.check(context))
    except (Exception, SystemExit) as error:
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
