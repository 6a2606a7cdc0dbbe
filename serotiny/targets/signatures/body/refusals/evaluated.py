"""The parts of an expression that are certainly evaluated with it."""

from __future__ import annotations

import ast
from functools import lru_cache

from serotiny.targets.signatures.body.walked import KEPT


@lru_cache(KEPT)
def expressions_of(statement: ast.stmt) -> tuple[ast.expr, ...]:
    """The expressions that are certainly evaluated where a statement is reached; not those of statements inside it."""
    match statement:
        case ast.Expr(value=value) | ast.Assign(value=value):
            return (value,)
        case ast.AnnAssign(value=value) | ast.Return(value=value) if value is not None:
            return (value,)
        case ast.If(test=test) | ast.While(test=test) | ast.Assert(test=test):
            return (test,)
        case ast.For(iter=looped):
            return (looped,)
        case _:
            return ()


@lru_cache(KEPT)
def evaluated(expression: ast.expr) -> tuple[ast.expr, ...]:
    """An expression and the parts of it that are evaluated whatever the others are, inner ones first."""
    match expression:
        case ast.BoolOp(values=[inner, *_]) | ast.IfExp(test=inner) | ast.UnaryOp(operand=inner):
            parts = [inner]
        case ast.Attribute(value=inner) | ast.Starred(value=inner) | ast.FormattedValue(value=inner):
            parts = [inner]
        case ast.Subscript(value=inner, slice=index):
            parts = [inner, index]
        case ast.BinOp(left=left, right=right) | ast.Compare(left=left, comparators=[right, *_]):
            parts = [left, right]
        case ast.Call(func=function, args=arguments, keywords=keywords):
            parts = [function, *arguments, *(keyword.value for keyword in keywords)]
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items) | ast.JoinedStr(values=items):
            parts = items
        case ast.Dict(keys=keys, values=values):
            parts = [*filter(None, keys), *values]
        case _:
            parts = []
    return (*(inner for part in parts for inner in evaluated(part)), expression)
