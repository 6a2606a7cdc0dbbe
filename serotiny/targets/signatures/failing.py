"""What always fails when it is called: abstract classes, properties, plain values, and what is kept to say that it is gone."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.scope import Defined
from serotiny.targets.names.symbols import ClassSymbol, FunctionSymbol, ValueSymbol
from serotiny.targets.names.typos import may_hold_any_name
from serotiny.targets.signatures.body.abstract_methods import undefined_methods
from serotiny.targets.signatures.body.walked import names_set_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import FunctionNode, Symbol

_LISTED: Final = 4


def failure_of(symbol: Symbol, resolver: NameResolver) -> str | None:
    """What calling something always raises; None where a function's or class's own body does more than raise.

    Of a class its own constructor counts: what a base raises may be meant for those that derive from it.
    """
    match symbol:
        case FunctionSymbol(node=node, owner=owner):
            kinds = [] if owner is None else list(filter(None, map(_of_property, node.decorator_list)))
            if kinds:
                return f"TypeError: '{kinds[0]}' object is not callable"
            return None if node.decorator_list else _raised(node)
        case ClassSymbol(scope=scope, node=node):
            constructors = [
                binding.node
                for name in ("__new__", "__init__")
                for binding in scope.candidates(name)
                if isinstance(binding, Defined) and not isinstance(binding.node, ast.ClassDef)
            ]
            plain = len(constructors) == 1 and not node.decorator_list and not node.keywords
            raised = _raised(constructors[0]) if plain else None
            return _of_protocol(symbol, resolver) or _of_abstract(symbol, resolver) or raised
        case ValueSymbol(value=value):
            kind = None if _may_become_another(symbol) else _kind_of_value(value)
            return f"TypeError: '{kind}' object is not callable" if kind else None
        case _:
            return None


def _may_become_another(symbol: ValueSymbol) -> bool:
    """Whether a name may stand for something else in the end: that of a class, whose members its own code may make anew, too."""
    module, name = symbol.module, symbol.qualified_name
    return (
        module.tree is None
        or names_set_by(module.tree).count(name) != 1
        or bool(module.scope.stars)
        or may_hold_any_name(module.text)
    )


def _kind_of_value(value: ast.expr) -> str | None:
    """The type of what is written out; None, which code may replace later, has none here."""
    match value:
        case ast.Constant(value=constant) if constant is not None and constant is not ...:
            return type(constant).__name__
        case ast.JoinedStr():
            return "str"
        case ast.List() | ast.ListComp():
            return "list"
        case ast.Dict() | ast.DictComp():
            return "dict"
        case ast.Set() | ast.SetComp():
            return "set"
        case ast.Tuple():
            return "tuple"
        case _:
            return None


def _of_protocol(symbol: ClassSymbol, resolver: NameResolver) -> str | None:
    """Only a class that names `Protocol` itself among its bases is one; those that derive from it are not."""
    bases = [base.value if isinstance(base, ast.Subscript) else base for base in symbol.node.bases]
    paths = {resolver.imported_path(symbol.module, symbol.outer, base) for base in bases}
    is_protocol = bool(paths & {"typing.Protocol", "typing_extensions.Protocol"})
    return "TypeError: protocols cannot be instantiated" if is_protocol else None


def _of_abstract(symbol: ClassSymbol, resolver: NameResolver) -> str | None:
    """The abstract methods that a class leaves undefined, each with its line."""
    undefined = undefined_methods(symbol, resolver)
    if not undefined:
        return None
    listed = ", ".join(
        f"`{node.name}` (line {node.lineno} of `{owner.module.name}`)" for owner, node in undefined[:_LISTED]
    )
    more = len(undefined) - _LISTED
    return f"TypeError: it is abstract, and does not define {listed}{f' and {more} more' if more > 0 else ''}"


def _of_property(decorator: ast.expr) -> str | None:
    """The class of the property that a decorator makes of a method; None for another decorator."""
    match decorator:
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in ("property", "cached_property"):
            return name
        case ast.Attribute(attr="getter" | "setter" | "deleter"):
            return "property"
        case _:
            return None


def _raised(node: FunctionNode) -> str | None:
    """The error that a body consists of, behind its docstring and calls that announce it."""
    match _behind_announcements(node.body):
        case [ast.Raise(exc=ast.Call(func=function, args=arguments))]:
            return _in_words(ast.unparse(function), arguments)
        case [ast.Raise(exc=ast.Name(id=name))]:
            return name
        case _:
            return None


def _behind_announcements(body: Sequence[ast.stmt]) -> Sequence[ast.stmt]:
    rest = list(body)
    while rest and isinstance(rest[0], ast.Expr):
        match rest[0].value:
            case ast.Constant() | ast.Call(func=ast.Attribute(attr="warn" | "warning")):
                rest.pop(0)
            case _:
                break
    return rest


def _in_words(name: str, arguments: Sequence[ast.expr]) -> str:
    match arguments:
        case [ast.Constant(value=str(text)), *_] if text.strip():
            return f"{name}: {text.strip().splitlines()[0]}"
        case _:
            return name
