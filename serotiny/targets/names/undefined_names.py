"""Names that importing a module certainly looks for, and that nothing binds: a forgotten import, a slip."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.scope import bound_anywhere
from serotiny.targets.names.broken_at import broken_at
from serotiny.targets.names.given_elsewhere import is_given_elsewhere
from serotiny.targets.names.symbols import ClassSymbol
from serotiny.targets.names.typos import may_hold_any_name

if TYPE_CHECKING:
    from serotiny.targets.modules.module import Module
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.signature import BrokenModule

_PUT_IN_BY_OTHERS: Final = frozenset({"_", "profile", "display", "get_ipython"})
"""What gettext, profilers and notebooks put among the builtins."""


def undefined_name(module: Module, resolver: NameResolver) -> BrokenModule | None:
    """The first name that the statements at the top level look for in vain.

    Nothing is said of what stands under a condition, in the body of a function, or in that of a class whose
    metaclass may make names.
    """
    if module.tree is None or module.scope.stars or may_hold_any_name(module.text):
        return None
    undefined = [
        name
        for name in _looked_up(module.tree.body, with_annotations=_evaluates_annotations(module.tree))
        if name.id not in module.scope.names
        and not hasattr(builtins, name.id)
        and not name.id.startswith("__")
    ]
    if not undefined:
        return None
    bound = bound_anywhere(module.tree) | _definitions(module.tree) | _PUT_IN_BY_OTHERS
    name = next(
        (name for name in undefined if name.id not in bound and _is_certain(name, module, resolver)), None
    )
    if name is None:
        return None
    return broken_at(name, module, f"`{name.id}` is not defined", name.id, module.scope.names)


def _evaluates_annotations(tree: ast.Module) -> bool:
    is_put_off = any(isinstance(line, ast.ImportFrom) and line.module == "__future__" for line in tree.body)
    return not is_put_off and sys.version_info < (3, 14)


def _looked_up(body: Iterable[ast.stmt], with_annotations: bool) -> Iterator[ast.Name]:
    for statement in body:
        match statement:
            case ast.ClassDef():
                parts = (
                    *statement.decorator_list,
                    *statement.bases,
                    *(item.value for item in statement.keywords),
                )
                yield from _names_in(parts)
                yield from _looked_up(statement.body, with_annotations)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                arguments = statement.args
                yield from _names_in(
                    [*statement.decorator_list, *arguments.defaults, *filter(None, arguments.kw_defaults)]
                )
                if with_annotations:
                    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
                    said = [
                        argument.annotation
                        for argument in (*every, arguments.vararg, arguments.kwarg)
                        if argument
                    ]
                    yield from _names_in(filter(None, [*said, statement.returns]))
            case ast.AnnAssign(value=value, annotation=annotation):
                yield from _names_in(filter(None, [value, annotation if with_annotations else None]))
            case ast.Assign(value=value) | ast.Expr(value=value):
                yield from _names_in([value])
            case _:
                pass


def _names_in(expressions: Iterable[ast.expr]) -> Iterator[ast.Name]:
    """The names that evaluating expressions certainly looks up."""
    for expression in expressions:
        match expression:
            case ast.Name(ctx=ast.Load()):
                yield expression
            case ast.Attribute(value=value) | ast.Starred(value=value) | ast.UnaryOp(operand=value):
                yield from _names_in([value])
            case ast.Subscript(value=value, slice=index):
                yield from _names_in([value, index])
            case ast.BinOp(left=left, right=right):
                yield from _names_in([left, right])
            case ast.Call(func=function, args=args, keywords=keywords):
                yield from _names_in([function, *args, *(keyword.value for keyword in keywords)])
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
                yield from _names_in(parts)
            case ast.Dict(keys=keys, values=values):
                yield from _names_in([*filter(None, keys), *values])
            case _:
                pass


def _is_certain(name: ast.Name, module: Module, resolver: NameResolver) -> bool:
    classes = (node for node in ast.walk(module.tree or name) if isinstance(node, ast.ClassDef))
    return not is_given_elsewhere(name.id, module, resolver.tree) and not any(
        _is_in_body(name, node) and _may_make_names(node, module, resolver) for node in classes
    )


def _is_in_body(name: ast.Name, node: ast.ClassDef) -> bool:
    header = [*node.bases, *(keyword.value for keyword in node.keywords)]
    starts = max(
        ((part.end_lineno or 0, part.end_col_offset or 0) for part in header), default=(node.lineno, 0)
    )
    return starts <= (name.lineno, name.col_offset) <= (node.end_lineno or 0, node.end_col_offset or 0)


def _may_make_names(node: ast.ClassDef, module: Module, resolver: NameResolver) -> bool:
    """Whether a metaclass, by `__prepare__`, may give names to the body of a class."""
    line = resolver.linearise(ClassSymbol(module, node, node.name, (module.scope,)))
    metaclasses = [
        resolver.expression(base.module, base.outer, keyword.value)
        for base in line.classes
        for keyword in base.node.keywords
        if keyword.arg == "metaclass"
    ]
    return not line.certain or any(
        not isinstance(found, ClassSymbol)
        or any(base.scope.candidates("__prepare__") for base in resolver.linearise(found).classes)
        for found in metaclasses
    )


def _definitions(tree: ast.Module) -> set[str]:
    """The names of all classes and functions, wherever they stand, and of what is generic in them."""
    names = (getattr(node, "name", None) for node in ast.walk(tree))
    return {name for name in names if isinstance(name, str)}
