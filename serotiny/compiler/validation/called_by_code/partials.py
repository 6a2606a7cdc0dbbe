"""What code gives when it calls a `_partial_`: SER302 for what nobody gives, SER311 for what both give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from serotiny.compiler.target_nodes import HYDRA_KEYS, TargetNode, argument, signature_name
from serotiny.compiler.tree import Keys, split
from serotiny.compiler.validation.targets.refusals import refused_defaults
from serotiny.diagnostics import Diagnostic
from serotiny.targets import Parameter, ParameterKind, SignatureReader

if TYPE_CHECKING:
    from serotiny.targets.signature import CallForm


def incomplete_partials(
    target: TargetNode, nested: Mapping[Keys, TargetNode], reader: SignatureReader
) -> Iterator[Diagnostic]:
    """Faults of the partials among a target's arguments, in each call that the target's source shows."""
    for key in target.node.value if not target.called_later else ():
        inner = nested.get((*target.keys, key))
        parameter = target.signature.parameter(key) if isinstance(key, str) else None
        if inner is None or not inner.is_partial or parameter is None or _has_unknown(inner):
            continue
        lacking = [item for item in inner.signature.parameters if _is_left_to_code(inner, item)]
        given = [item for item in inner.signature.positional if item.name in inner.node.value]
        is_asked = lacking or given or inner.signature.refusals
        calls = reader.calls_of_argument(target.signature.path, parameter.name) if is_asked else ()
        for item in given if calls else ():
            if all(item.name in _by_position(call, inner) for call in calls):
                yield _given_twice(inner, item, target)
        for item in lacking if calls else ():
            if not any(_gives(call, inner, item) for call in calls):
                yield _fault(inner, item, target)
        if calls:
            by_code = {name for call in calls for name in (*_by_position(call, inner), *call.names)}
            yield from refused_defaults(inner, by_code)


def is_replaced(fault: Diagnostic, targets: Mapping[Keys, TargetNode], reader: SignatureReader) -> bool:
    """Whether a wrong value is an argument of a partial that the target around it passes anew in each call."""
    if fault.code not in ("SER303", "SER304") or fault.key is None:
        return False
    keys = split(fault.key)
    around = (keys[:end] for end in range(len(keys) - 1, 0, -1))
    inner = next((targets[above] for above in around if above in targets), None)
    outer = targets.get(inner.keys[:-1]) if inner is not None and inner.is_partial else None
    if inner is None or outer is None or outer.called_later:
        return False
    calls = reader.calls_of_argument(outer.signature.path, str(inner.keys[-1]))
    return bool(calls) and all(inner.parameter_of(fault.key) in call.names for call in calls)


def _given_twice(partial: TargetNode, parameter: Parameter, target: TargetNode) -> Diagnostic:
    name = parameter.name
    return Diagnostic(
        "SER311",
        f"`{name}` is given twice: here, and by {signature_name(target)} when it calls this",
        partial.node.value[name].blame_key(),
        partial.place_key(name),
        help=f"take `{name}` out",
    )


def _has_unknown(partial: TargetNode) -> bool:
    """Whether a key is told as unknown, which may be meant for what is missing."""
    return any(key not in HYDRA_KEYS and key not in partial.signature.names for key in partial.node.value)


def _is_left_to_code(partial: TargetNode, parameter: Parameter) -> bool:
    is_rest = parameter.kind is ParameterKind.VAR_POSITIONAL
    return parameter.required and not is_rest and argument(partial, parameter.name) is None


def _gives(call: CallForm, partial: TargetNode, parameter: Parameter) -> bool:
    return parameter.name in (*_by_position(call, partial), *call.names)


def _by_position(call: CallForm, partial: TargetNode) -> list[str]:
    before = partial.node.get("_args_")
    given = len(before.value) if before is not None and before.is_list else 0
    return [item.name for item in partial.signature.positional][given : given + call.positions]


def _fault(partial: TargetNode, parameter: Parameter, target: TargetNode) -> Diagnostic:
    return Diagnostic(
        "SER302",
        f"{signature_name(partial)} needs `{parameter.name}`",
        partial.target.place,
        partial.place_key(parameter.name),
        help=f"add `{parameter.name}: …` ({parameter.type})",
        notes=(f"{signature_name(target)} does not give it when it calls the partial",),
    )
