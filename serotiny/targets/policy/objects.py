"""Where an object is really defined, once the module that a path names is imported: the second wall.

A reading of source can be misled, by names that code makes while it runs or by an answer in the cache that
somebody else wrote; what is about to be called cannot.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from serotiny.targets.signature import TargetKind, TargetSignature

if TYPE_CHECKING:
    from serotiny.targets.policy.trust import Trust

_NAMELESS: Final = frozenset({"<locals>", "<lambda>"})
"""Parts of a qualified name that are none: a `lambda` is judged by where it is written."""


def judge_object(trust: Trust, path: str, found: Any) -> str | None:
    """Where `found` is defined, when it may not be called; None when it may.

    Args:
        trust: what may be named.
        path: by which a config named it, judged before.
        found: a class or another callable.
    """
    home = path if _is_made_by_types(found) else _home(found)
    if home is None or trust.allows(path) or trust.allows(home):
        return None
    if (called := _called_of(found)) is not None and trust.judge_name(called) == "forbidden":
        return called
    if isinstance(found, type):
        others = (name for name in map(_home, found.__mro__[1:]) if name is not None)
        bases = (home, *others)
        signature = TargetSignature(path=home, kind=TargetKind.CLASS, bases=bases, file=_file(found))
    elif _is_at_home(found):
        signature = TargetSignature(path=home, kind=TargetKind.FUNCTION, file=_file(found))
    else:
        # code made it while it ran, as a decorator does: where that is defined may be in any library
        return home if trust.judge_name(home) == "forbidden" else None
    return home if trust.judge_place(path, signature) is not None else None


def _is_made_by_types(found: Any) -> bool:
    """Whether a class is one that a call made, as `make_dataclass` does, which says no more than that of its home."""
    return isinstance(found, type) and _module(found) == "types" and not _is_at_home(found)


def _home(found: Any) -> str | None:
    """Module and name of a class or function; those of the class for any other object."""
    if not hasattr(found, "__qualname__"):
        found = getattr(found, "func", type(found))  # a partial is judged by what it calls
    module, name = _module(found), getattr(found, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str):
        return None
    return ".".join(part for part in f"{module}.{name}".split(".") if part not in _NAMELESS)


def _module(found: Any) -> Any:
    """The module of a class or function; of a method of a compiled class that of its class."""
    module = getattr(found, "__module__", None)
    if module is not None:
        return module
    owner = getattr(found, "__objclass__", None) or getattr(found, "__self__", None)
    return getattr(owner if isinstance(owner, type) else type(owner), "__module__", None)


def _called_of(found: Any) -> str | None:
    """The function that runs when an instance of a class is called, which may be anyone's; None for what is none."""
    if hasattr(found, "__qualname__") or not callable(found):
        return None
    home = _home(type(found).__call__)
    return None if home is None else home.removesuffix(".__call__")


def _is_at_home(found: Any) -> bool:
    """Whether the module of a function or method holds it under its own name."""
    held: Any = sys.modules.get(_module(found)) if hasattr(found, "__qualname__") else None
    for part in getattr(found, "__qualname__", "").split("."):
        # not `getattr`, with which a module that is lazy imports more
        held = getattr(held, "__dict__", {}).get(part)
    return held is not None and getattr(held, "__func__", held) is getattr(found, "__func__", found)


def _file(found: Any) -> str | None:
    return getattr(sys.modules.get(_module(found)), "__file__", None)
