"""Keys that a call takes as any others, and that are one slip of the keyboard away from a parameter that it names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from serotiny.compiler.project_code.one_slip import one_slip_away
from serotiny.compiler.target_nodes import TargetNode, signature_name
from serotiny.compiler.tree import Node
from serotiny.diagnostics import Diagnostic, Severity
from serotiny.targets import TargetSignature
from serotiny.targets.signature import TargetKind


def near_misses(target: TargetNode, given: Mapping[Any, Node]) -> Iterator[Diagnostic]:
    """SER301, as a warning, for each such key of a node whose parameter of the right name is not given."""
    signature = target.signature
    # a function may call another one with what it gets
    is_class = signature.kind is TargetKind.CLASS
    for key, child in given.items() if signature.open and is_class else ():
        meant = _meant(key, signature, given) if isinstance(key, str) else None
        if meant is not None:
            message = (
                f"`{key}` is not a parameter that {signature_name(target)} names, though it takes others"
            )
            place = child.blame_key()
            yield Diagnostic(
                "SER301",
                message,
                place,
                target.place_key(key),
                suggestion=meant,
                severity=Severity.WARNING,
            )


_SHORTEST: Final = 6
"""The length of a key of which a slip is told from another word, as `mode` is from `model`."""


def _meant(key: str, signature: TargetSignature, given: Collection[Any]) -> str | None:
    if signature.parameter(key) is not None or len(key) < _SHORTEST:
        return None
    near = one_slip_away(key).intersection(signature.names).difference(given)
    # what takes one of something may hand several on to something else
    found = [name for name in near if f"{name}s" != key and f"{key}s" != name]
    return found[0] if len(found) == 1 else None
