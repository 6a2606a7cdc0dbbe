"""What pydantic takes for a field: its settings, its aliases, and what it makes a value of the type of."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.written_names import last_name
from serotiny.targets.names.symbols import constant
from serotiny.targets.signatures.body.frameworks import is_of_framework_path
from serotiny.targets.signatures.generated_init.pydantic_annotations import (
    CALLS,
    OF_TEXTS,
    called_name,
    field_options,
    is_strict,
    limits_in,
    limits_of,
    may_be_true,
)
from serotiny.targets.value_types import types as t
from serotiny.targets.value_types.parsing import is_parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from serotiny.targets.signature import Parameter
    from serotiny.targets.value_types.limits import Limits

_CHANGING: Final = ("strip_whitespace", "to_lower", "to_upper")
"""Options of texts that change them before their limits are judged."""
_PREPARING: Final = frozenset({"BeforeValidator", "PlainValidator", "WrapValidator"})
"""Validators that get a value before its type is checked."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a model, a dataclass or a function that pydantic validates.

    Attributes:
        extra: what becomes of further keys: `ignore`, `forbid`, `allow`.
        strict: values are of their types already.
        by_name: a field with an alias goes by its own name, too.
        by_alias: a field goes by its alias.
        makes_aliases: a function gives the fields their aliases.
        makes_texts: a number stands for a text, too.
        changes_texts: texts are stripped, or get other letters, before their limits are judged.
    """

    extra: str = "ignore"
    strict: bool = False
    by_name: bool = False
    by_alias: bool = True
    makes_aliases: bool = False
    makes_texts: bool = False
    changes_texts: bool = False

    @classmethod
    def read(cls, found: Mapping[str, ast.expr | None]) -> Settings:
        """The settings of these names; a value that is not written out is one that takes most."""
        strict = found.get("strict")
        by_alias = found.get("validate_by_alias")
        return cls(
            extra=str(constant(found["extra"]) or "allow") if "extra" in found else "ignore",
            strict=False if strict is None else constant(strict) is True,
            by_name=any(may_be_true(found, name) for name in ("populate_by_name", "validate_by_name")),
            by_alias=by_alias is None or constant(by_alias) is not False,
            makes_aliases="alias_generator" in found,
            makes_texts=may_be_true(found, "coerce_numbers_to_str"),
            changes_texts=any(may_be_true(found, f"str_{name}") for name in _CHANGING),
        )


_LAZY: Final = ("Iterable", "Iterator", "Generator")

UNREAD: Final = Settings(
    extra="allow", by_name=True, makes_aliases=True, makes_texts=True, changes_texts=True
)
"""Those of what is configured by an expression that cannot be read."""


def settings_in(expression: ast.expr | None) -> Mapping[str, ast.expr | None] | None:
    """The settings that an expression holds: `ConfigDict(…)`, `dict(…)` or a mapping; None if it is anything else."""
    match expression:
        case None:
            return {}
        case ast.Call(func=function, args=[], keywords=keywords) if last_name(function) in (
            "ConfigDict",
            "dict",
        ):
            found = {keyword.arg: keyword.value for keyword in keywords if keyword.arg is not None}
            return found if len(found) == len(keywords) else None
        case ast.Dict(keys=keys, values=values):
            names = [constant(key) for key in keys]
            if all(isinstance(name, str) for name in names):
                return {str(name): value for name, value in zip(names, values, strict=True)}
            return None
        case _:
            return None


def validated(
    parameter: Parameter,
    annotation: ast.expr | None,
    options: Mapping[str, ast.expr],
    settings: Settings,
    *,
    calls: Sequence[ast.Call],
) -> tuple[Parameter, ...]:
    """The parameters by which a field is given, each with the values that pydantic takes.

    Args:
        parameter: by the name and with the type that the source declares.
        annotation: of the field.
        options: the keyword arguments of its `Field(…)`.
        settings: of the whole.
        calls: those in the annotation, and in what it is an alias of.
    """
    inner = dict(field_options(annotation)) | dict(options)
    declared: t.ValueType = CALLS.get(called_name(annotation), parameter.type)
    if settings.makes_texts:
        declared = t.union(declared, t.FLOAT, t.BOOL) if t.STR in t.parts(declared) else declared
    own = constant(inner.get("strict"))
    strict = own is True or (own is None and (settings.strict or is_strict(annotation)))
    if _is_lazy(annotation):
        declared = _with_any_items(declared)
    limits = _judged((*limits_in(annotation), *limits_of(inner)), declared)
    given = [inner, *({word.arg: word.value for word in call.keywords if word.arg} for call in calls)]
    if settings.changes_texts or any(may_be_true(found, name) for found in given for name in _CHANGING):
        limits = tuple(limit for limit in limits if limit[0] not in OF_TEXTS)
    kinds = {called_name(call) for call in calls}
    # what a validator makes of a value may have other limits, or another type
    is_changed, is_prepared = "AfterValidator" in kinds, not kinds.isdisjoint(_PREPARING)
    field = replace(
        parameter,
        type=t.ANY if is_prepared else taken(declared, strict),
        limits=() if is_changed or is_prepared else limits,
        body=None,
    )
    alias = inner.get("validation_alias") or inner.get("alias")
    if alias is None or not settings.by_alias:
        return (field,)
    names = [*_alias_names(alias)]
    ways = [replace(field, name=name, type=kind or field.type) for name, kind in names]
    if settings.by_name or not names:
        ways.append(field)
    return tuple(ways) if len(ways) == 1 and names else tuple(replace(way, required=False) for way in ways)


def _is_lazy(annotation: ast.expr | None) -> bool:
    """Whether pydantic validates some items only when they are asked for, as those of an `Iterable`."""
    text = "" if annotation is None else ast.unparse(annotation)
    return any(f"{name}[" in text for name in _LAZY)


def _with_any_items(declared: t.ValueType) -> t.ValueType:
    lists = [t.ListType(t.ANY, part.made) for part in t.parts(declared) if isinstance(part, t.ListType)]
    return t.union(*lists, *(part for part in t.parts(declared) if not isinstance(part, t.ListType)))


def taken(declared: t.ValueType, is_strict: bool) -> t.ValueType:
    """The type of the values that pydantic takes for a declared type."""

    def inner(item: t.ValueType) -> t.ValueType:
        return taken(item, is_strict)

    match declared:
        case t.ListType(item, made):
            return t.ListType(inner(item), made)
        case t.TupleType(items):
            return t.TupleType(tuple(map(inner, items)))
        case t.MappingType(key, value):
            return t.MappingType(inner(key), inner(value))
        case t.UnionType(members):
            return t.union(*map(inner, members))
        case _ if is_parsed(declared):
            return (
                declared if is_strict and not isinstance(declared, t.LiteralType) else t.ParsedType(declared)
            )
        case t.InstanceOf(path, t.Written.TARGET) if not is_of_framework_path(path):
            return t.InstanceOf(path, t.Written.ANYTHING)
        case _:
            return declared


def _alias_names(alias: ast.expr) -> Iterator[tuple[str, t.ValueType | None]]:
    """The keys that an alias reads, each with the type of its value where that is not the field's."""
    match alias:
        case ast.Constant(value=str(name)):
            yield name, None
        case ast.Call(func=function, args=arguments):
            kind = last_name(function)
            if kind == "AliasChoices":
                for argument in arguments:
                    yield from _alias_names(argument)
            elif kind == "AliasPath" and arguments and isinstance(constant(arguments[0]), str):
                yield str(constant(arguments[0])), t.ANY
        case _:
            pass


def _judged(limits: Limits, declared: t.ValueType) -> Limits:
    """The limits that what a config has can be held against: the length of a set, or of bytes, may be another one."""
    has_length = all(
        part == t.STR
        or (isinstance(part, t.ListType) and part.made in (t.Made.LIST, t.Made.TUPLE, t.Made.DEQUE))
        for part in t.parts(declared)
        if part != t.NONE
    )
    return limits if has_length else tuple(limit for limit in limits if limit[0] not in OF_TEXTS)
