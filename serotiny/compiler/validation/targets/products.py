"""Whether what nested targets make is what their parameters take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from serotiny.compiler.project import Layout
from serotiny.compiler.target_nodes import TargetNode, signature_name
from serotiny.compiler.tree import Keys, Node, join
from serotiny.compiler.validation.annotations import AnnotationJudge
from serotiny.compiler.validation.values import ONLY_ANNOTATED
from serotiny.diagnostics import Diagnostic, Severity
from serotiny.targets import TargetKind, TargetSignature
from serotiny.targets.lightning import Ternary, accepts_product, supplied_by_code
from serotiny.targets.value_types.types import (
    ClassType,
    InstanceOf,
    NoneType,
    ValueType,
    Written,
    inner_type,
    parts,
)


def check_products(
    target: TargetNode, nested: dict[Keys, TargetNode], layout: Layout, judge: AnnotationJudge
) -> list[Diagnostic]:
    """SER306 if the instance of a nested target is certainly not of the type of its parameter.

    Callbacks and loggers are not checked here, but by their places in the layout.
    """
    places = (layout.keys("callbacks"), layout.keys("logger"))
    faults: list[Diagnostic] = []
    for key, child in target.node.value.items():
        parameter = target.signature.taking(key) if isinstance(key, str) else None
        if parameter is None or (*target.keys, key) in places:
            continue
        for keys, wanted in _products((*target.keys, key), child, parameter.type):
            inner = nested.get(keys)
            if inner is not None and _is_uncalled(inner, wanted):
                faults.append(_uncalled(inner, wanted))
            elif inner is not None and not inner.is_partial and not _may_be(wanted, product=inner):
                is_class = any(isinstance(part, ClassType) for part in parts(wanted))
                got = f"an instance of {signature_name(inner)}" if is_class else signature_name(inner)
                message = f"`{join(keys)}` must be {wanted}, not {got}"
                severity = judge.product_severity(
                    target.signature.path, parameter, partial(_may_be, product=inner)
                )
                fault = Diagnostic(
                    "SER306",
                    message,
                    inner.target.place,
                    inner.place_key("_target_"),
                    help=_THE_CLASS.format(inner.target.value) if is_class else None,
                )
                if is_class or severity is Severity.WARNING:
                    fault = replace(fault, severity=severity, notes=(ONLY_ANNOTATED,))
                faults.append(fault)
    return faults


_THE_CLASS: Final = "write `{{_target_: hydra.utils.get_class, path: {}}}` for the class itself"


def _products(keys: Keys, node: Node, declared: ValueType) -> Iterator[tuple[Keys, ValueType]]:
    """The nested targets of a value, also those in lists and mappings, each with the type that it must have."""
    if node.get("_target_") is not None:
        yield keys, declared
        return
    for step, child in node.children():
        if child.is_mapping or child.is_list:
            yield from _products((*keys, step), child, inner_type(declared, step))


def _uncalled(inner: TargetNode, wanted: ValueType) -> Diagnostic:
    message = f"`{join(inner.keys)}` must be {wanted}, and `_partial_` makes a function that gives one"
    return Diagnostic(
        "SER306",
        message,
        inner.node.value["_partial_"].place,
        inner.place_key("_partial_"),
        help="take `_partial_: true` out",
        notes=(ONLY_ANNOTATED,),
        severity=Severity.WARNING,
    )


def _is_uncalled(inner: TargetNode, wanted: ValueType) -> bool:
    """Whether a partial that lacks nothing stands where an object of its class is asked for."""
    if not inner.is_partial:
        return False
    classes = [part for part in parts(wanted) if not isinstance(part, NoneType)]
    is_class = all(isinstance(part, InstanceOf) and part.written is Written.TARGET for part in classes)
    given = inner.node.value
    lacks = any(
        parameter.required and parameter.name not in given for parameter in inner.signature.parameters
    )
    return (
        bool(classes)
        and is_class
        and not lacks
        and not supplied_by_code(inner.signature)
        and any(
            accepts_product(part, inner.signature) is Ternary.YES
            for part in classes
            if isinstance(part, InstanceOf)
        )
    )


def _may_be(wanted: ValueType, *, product: TargetNode) -> bool:
    answers = [_accepts(part, product.signature) for part in parts(wanted) if not isinstance(part, NoneType)]
    return not answers or any(answer is not Ternary.NO for answer in answers)


def _accepts(part: ValueType, product: TargetSignature) -> Ternary:
    match part:
        case InstanceOf():
            return accepts_product(part, product)
        case ClassType() if product.kind is TargetKind.CLASS and product.certain:
            return Ternary.UNSURE if "builtins.type" in product.bases else Ternary.NO
        case _:
            return Ternary.UNSURE
