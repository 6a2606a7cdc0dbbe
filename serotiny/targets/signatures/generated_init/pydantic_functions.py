"""Functions whose arguments pydantic validates: `@validate_call`."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.written_names import last_name
from serotiny.targets.names.symbols import constant, defaults_of
from serotiny.targets.signatures.annotations import Context
from serotiny.targets.signatures.generated_init.pydantic_annotations import calls_in
from serotiny.targets.signatures.generated_init.pydantic_fields import (
    UNREAD,
    Settings,
    settings_in,
    validated,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import FunctionNode, FunctionSymbol
    from serotiny.targets.signature import Parameter

_DECORATORS: Final = frozenset(
    {
        "pydantic.validate_arguments",
        "pydantic.validate_call",
        "pydantic.validate_call_decorator.validate_call",
    }
)


def as_validated(
    written: tuple[Parameter, ...], symbol: FunctionSymbol, node: FunctionNode, resolver: NameResolver
) -> tuple[Parameter, ...]:
    """The parameters of a function as pydantic takes them, if it validates their values; else unchanged."""
    settings = _settings(symbol, node, resolver)
    if settings is None:
        return written
    arguments = {item.arg: item for item in ast.walk(node.args) if isinstance(item, ast.arg)}
    defaults, context = defaults_of(node), Context(symbol.module, symbol.outer)
    found: list[Parameter] = []
    for parameter in written:
        annotation, options = (
            arguments[parameter.name].annotation,
            _field_options(defaults.get(parameter.name)),
        )
        declared = parameter if options is None or _has_default(options) else _required(parameter)
        calls = [*calls_in(annotation, context, resolver)]
        found += validated(declared, annotation, options or {}, settings, calls=calls)
    return tuple(found)


def _has_default(options: Mapping[str, ast.expr]) -> bool:
    given = options.get("default") or options.get("default_factory")
    return given is not None and constant(given) is not Ellipsis


def _required(parameter: Parameter) -> Parameter:
    return replace(parameter, required=True, default=None)


def _field_options(default: ast.expr | None) -> Mapping[str, ast.expr] | None:
    """The options of `x: int = Field(…)`; None for any other default."""
    match default:
        case ast.Call(func=function, args=arguments, keywords=keywords) if last_name(function) == "Field":
            given = {keyword.arg: keyword.value for keyword in keywords if keyword.arg is not None}
            return {"default": arguments[0], **given} if arguments else given
        case _:
            return None


def _settings(symbol: FunctionSymbol, node: FunctionNode, resolver: NameResolver) -> Settings | None:
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        path = resolver.imported_path(symbol.module, symbol.outer, called)
        if not {path, resolver.expression(symbol.module, symbol.outer, called).path} & _DECORATORS:
            continue
        keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
        config = next((keyword.value for keyword in keywords if keyword.arg == "config"), None)
        found = settings_in(config)
        return UNREAD if found is None else Settings.read(found)
    return None
