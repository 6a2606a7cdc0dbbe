"""What pydantic takes for a field: its settings, its aliases, and what it makes a value of the type of."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.written_names import last_name
from serotiny.targets.names.symbols import constant
from serotiny.targets.signatures.body.frameworks import is_of_framework_path
from serotiny.targets.signatures.parameters import literal
from serotiny.targets.value_types import types as t
from serotiny.targets.value_types.parsing import is_parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from serotiny.targets.signature import Parameter
    from serotiny.targets.value_types.limits import Limits

_NUMERIC: Final = ("ge", "gt", "le", "lt", "multiple_of")
_OF_TEXTS: Final = ("min_length", "max_length", "pattern")
_CHANGING: Final = ("strip_whitespace", "to_lower", "to_upper")
"""Options of texts that change them before their limits are judged."""
_SIGNS: Final[Mapping[str, tuple[str, float]]] = MappingProxyType(
    {"Positive": ("gt", 0), "NonNegative": ("ge", 0), "Negative": ("lt", 0), "NonPositive": ("le", 0)}
)
_NUMBERS: Final = ("Int", "Float")
_CALLS: Final[Mapping[str, t.ValueType]] = MappingProxyType(
    {"conint": t.INT, "confloat": t.FLOAT, "constr": t.STR, "conbytes": t.BYTES}
)
_STRICT: Final = frozenset(f"Strict{name}" for name in ("Bool", "Bytes", "Float", "Int", "Str"))
_TESTS: Final = MappingProxyType(
    {
        **{"Ge": "ge", "Gt": "gt", "Le": "le", "Lt": "lt", "MultipleOf": "multiple_of"},
        **{"MinLen": "min_length", "MaxLen": "max_length"},
    }
)


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
            by_name=any(_may_be_true(found, name) for name in ("populate_by_name", "validate_by_name")),
            by_alias=by_alias is None or constant(by_alias) is not False,
            makes_aliases="alias_generator" in found,
            makes_texts=_may_be_true(found, "coerce_numbers_to_str"),
            changes_texts=any(_may_be_true(found, f"str_{name}") for name in _CHANGING),
        )


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
) -> tuple[Parameter, ...]:
    """The parameters by which a field is given, each with the values that pydantic takes.

    Args:
        parameter: by the name and with the type that the source declares.
        annotation: of the field.
        options: the keyword arguments of its `Field(…)`.
        settings: of the whole.
    """
    inner = dict(_field_options(annotation)) | dict(options)
    declared: t.ValueType = _CALLS.get(_called(annotation), parameter.type)
    if settings.makes_texts:
        declared = t.union(declared, t.FLOAT, t.BOOL) if t.STR in t.parts(declared) else declared
    own = constant(inner.get("strict"))
    is_strict = own is True or (own is None and (settings.strict or _is_strict(annotation)))
    field = replace(
        parameter,
        type=taken(declared, is_strict),
        limits=_judged((*_limits_in(annotation), *_limits(inner)), declared, settings),
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


def _may_be_true(found: Mapping[str, ast.expr | None], name: str) -> bool:
    return name in found and constant(found[name]) is not False


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


def _metadata(annotation: ast.expr | None) -> Sequence[ast.expr]:
    """What stands behind the type in `Annotated[int, …]`."""
    match annotation:
        case ast.Subscript(value=form, slice=ast.Tuple(elts=[_, *rest])) if last_name(form) == "Annotated":
            return rest
        case _:
            return ()


def _called(expression: ast.expr | None) -> str:
    return last_name(expression.func) if isinstance(expression, ast.Call) else ""


def _field_options(annotation: ast.expr | None) -> Iterator[tuple[str, ast.expr]]:
    for item in _metadata(annotation):
        if isinstance(item, ast.Call) and _called(item) == "Field":
            yield from ((keyword.arg, keyword.value) for keyword in item.keywords if keyword.arg is not None)


def _is_strict(annotation: ast.expr | None) -> bool:
    match annotation:
        case ast.Name() | ast.Attribute():
            return last_name(annotation) in _STRICT
        case ast.Call(keywords=keywords) if _called(annotation) in _CALLS:
            return any(word.arg == "strict" and constant(word.value) is True for word in keywords)
        case _:
            return any(
                _called(item) == "Strict" and ast.unparse(item).endswith("()")
                for item in _metadata(annotation)
            )


def _limits_in(annotation: ast.expr | None) -> Iterator[tuple[str, float | str]]:
    """The limits that an annotation names: `PositiveInt`, `conint(gt=0)`, `Annotated[int, Gt(0)]`."""
    match annotation:
        case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
            yield from _limits_in(left)
        case ast.Name() | ast.Attribute():
            name = last_name(annotation)
            yield from (
                limit
                for sign, limit in _SIGNS.items()
                if any(name == f"{sign}{number}" for number in _NUMBERS)
            )
        case ast.Call(keywords=keywords) if _called(annotation) in _CALLS:
            yield from _limits({word.arg: word.value for word in keywords if word.arg is not None})
        case _:
            for item in _metadata(annotation):
                if isinstance(item, ast.Call) and _called(item) == "StringConstraints":
                    yield from _limits(
                        {word.arg: word.value for word in item.keywords if word.arg is not None}
                    )
                elif isinstance(item, ast.Call) and _called(item) in _TESTS and item.args:
                    yield from _limits({_TESTS[_called(item)]: item.args[0]})


def _judged(limits: Limits, declared: t.ValueType, settings: Settings) -> Limits:
    """The limits that what a config has can be held against: the length of a set, or of bytes, may be another one."""
    has_length = all(
        part == t.STR
        or (isinstance(part, t.ListType) and part.made in (t.Made.LIST, t.Made.TUPLE, t.Made.DEQUE))
        for part in t.parts(declared)
        if part != t.NONE
    )
    if has_length and not settings.changes_texts:
        return limits
    return tuple(limit for limit in limits if limit[0] not in _OF_TEXTS)


def _limits(options: Mapping[str, ast.expr]) -> Limits:
    """What `Field(gt=0)` asks of a value."""
    changes = any(_may_be_true(options, name) for name in _CHANGING)
    words = _NUMERIC if changes else (*_NUMERIC, *_OF_TEXTS)
    found = [(word, literal(options[word])[1]) for word in words if word in options]
    return tuple((word, limit) for word, limit in found if isinstance(limit, int | float | str))
