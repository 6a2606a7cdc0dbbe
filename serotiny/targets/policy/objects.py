"""Where an object is really defined, once the module that a path names is imported: the second wall.

A reading of source can be misled, by names that code makes while it runs or by an answer in the cache that
somebody else wrote; what is about to be called cannot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serotiny.targets.signature import TargetKind, TargetSignature

if TYPE_CHECKING:
    from serotiny.targets.policy.trust import Trust


def judge_object(trust: Trust, path: str, found: Any) -> str | None:
    """Where `found` is defined, when it may not be called; None when it may.

    Args:
        trust: what may be named.
        path: by which a config named it, judged before.
        found: a class or another callable.
    """
    home = _home(found)
    if home is None or trust.allows(path) or trust.allows(home):
        return None
    if isinstance(found, type):
        bases = tuple(name for name in map(_home, found.__mro__) if name is not None)
        signature = TargetSignature(path=home, kind=TargetKind.CLASS, bases=bases)
        return home if trust.judge_place(path, signature) is not None else None
    return home if trust.judge_name(home) == "forbidden" else None


def _home(found: Any) -> str | None:
    """Module and name of a class or function; those of the class for any other object."""
    if not hasattr(found, "__qualname__"):
        found = getattr(found, "func", type(found))  # a partial is judged by what it calls
    module, name = getattr(found, "__module__", None), getattr(found, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str):
        return None
    return ".".join(part for part in f"{module}.{name}".split(".") if part != "<locals>")
