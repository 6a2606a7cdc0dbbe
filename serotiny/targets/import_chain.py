"""The first module that cannot be imported among those that importing a module of the project needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from serotiny.targets.signature import BrokenModule


class Examined(NamedTuple):
    """What importing a module by itself comes to.

    Attributes:
        fault: why it fails, whatever is installed.
        lacking: why it fails for lack of a package that is not installed.
        needed: the modules, or names in them, of the same package that it imports.
    """

    fault: BrokenModule | None
    lacking: BrokenModule | None = None
    needed: tuple[str, ...] = ()


def first_broken(path: str, examined: Callable[[str], Examined | None]) -> BrokenModule | None:
    """The first module, within the path's own package, that makes importing the path fail.

    One that is not valid Python, imports what its own package does not have or misspells what another has, has a class
    with a base that does not exist, or uses a name that nothing binds, comes before one that imports a package which is
    not installed. Only what stands at the top level of a module is followed: what is under a condition or in a `try`
    may never run.

    Args:
        path: a dotted path.
        examined: examines the module of a name; None for a name that is no module.
    """
    seen: set[str] = set()
    waiting = [path]
    lacking: BrokenModule | None = None
    for name in waiting:  # to which the loop appends
        for part in _with_parents(name):
            found = examined(part) if part not in seen else None
            seen.add(part)
            if found is None:
                continue
            if found.fault is not None:
                return found.fault
            waiting += found.needed
            lacking = lacking or found.lacking
    return lacking


def _with_parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
