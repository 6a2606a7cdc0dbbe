"""Names as the source writes them, before anything is known of what they stand for."""

from __future__ import annotations

import ast


def last_name(expression: ast.expr) -> str:
    """The last part of a dotted name: `Field` of `pydantic.Field`."""
    return ast.unparse(expression).rpartition(".")[2]


def decorator_name(decorator: ast.expr) -> str:
    """The last part of a decorator's name, whether it is called or not."""
    return last_name(decorator.func if isinstance(decorator, ast.Call) else decorator)


def is_decorated(node: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> bool:
    """Whether a function has a decorator of this name."""
    return any(decorator_name(decorator) == name for decorator in node.decorator_list)
