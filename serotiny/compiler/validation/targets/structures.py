"""The plain values of which a job makes dataclasses, named tuples and the like, and what is wrong in tuples and typed dicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from serotiny.compiler.target_nodes import TargetNode, plain, signature_name
from serotiny.compiler.tree import Keys, Node, join
from serotiny.compiler.validation.values import ONLY_ANNOTATED, value_faults
from serotiny.diagnostics import Diagnostic, Severity
from serotiny.targets import SignatureReader, TargetSignature
from serotiny.targets.value_types.types import (
    AnyType,
    InstanceOf,
    ListType,
    MappingType,
    TupleType,
    ValueType,
    Written,
    inner_type,
    parts,
)
from serotiny.targets.value_types.words import value_in_words


def structures(
    keys: Keys, node: Node, declared: ValueType
) -> Iterator[tuple[Keys, Node, Sequence[InstanceOf]]]:
    """The mappings of a value that are made objects of, each with the classes of which it may be one.

    Of a named tuple the list of its fields is one as well.
    """
    if node.get("_target_") is not None:
        return
    if node.is_mapping or node.is_list:
        kinds = (Written.MAPPING, Written.KEYS, Written.FIELDS) if node.is_mapping else (Written.FIELDS,)
        forms = (MappingType, AnyType) if node.is_mapping else (ListType, TupleType, AnyType)
        classes = [part for part in parts(declared) if isinstance(part, InstanceOf) and part.written in kinds]
        if classes and not any(isinstance(part, forms) for part in parts(declared)):
            yield keys, node, classes
            return
    for step, child in node.children():
        yield from structures((*keys, step), child, inner_type(declared, step))


def field_faults(signature: TargetSignature, wanted: InstanceOf, node: Node, keys: Keys) -> list[Diagnostic]:
    """SER303 and SER304 for a list that stands for a named tuple."""
    fields = signature.positional
    least = sum(field.required for field in fields)
    if not least <= len(node.value) <= len(fields):
        name = join(keys)
        message = f"`{name}` must be {wanted}, not {value_in_words(plain(node))}"
        listed = ", ".join(f"`{field.name}`" for field in fields)
        return [Diagnostic("SER303", message, node.place, name, help=f"its fields are {listed}")]
    return [
        fault
        for index, (field, child) in enumerate(zip(fields, node.value, strict=False))
        for fault in value_faults(field.type, child, (*keys, index))
    ]


def missing_keys(made: TargetNode, reader: SignatureReader) -> Iterator[Diagnostic]:
    """SER302 for each key that a typed dict requires, which no call of it does."""
    keys = () if made.node.incomplete else reader.required_keys(made.signature.path)
    for key in keys:
        if key not in made.node.value:
            message = f"{signature_name(made)} needs `{key}`"
            fix = f"add `{key}: …`"
            yield Diagnostic("SER302", message, made.node.place, made.place_key(key), help=fix)


def as_annotated(faults: Iterable[Diagnostic], *, is_enforced: bool) -> Iterator[Diagnostic]:
    """The faults, as warnings where nothing enforces the annotation that they are about."""
    for fault in faults:
        if is_enforced or fault.severity is Severity.WARNING:
            yield fault
        else:
            yield replace(fault, severity=Severity.WARNING, notes=(*fault.notes, ONLY_ANNOTATED))
