"""The names that a module or class body binds, read from its syntax tree.

Griffe's visitor keeps one member for each name and drops function bodies. Here every alternative of a
conditional definition is needed, and the bodies (to follow `**kwargs`), so names are indexed from `ast`; only
docstrings are parsed by griffe.
"""

from __future__ import annotations

import ast
import operator
import sys
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


_TYPE_ALIAS: Final[Any] = getattr(ast, "TypeAlias", ())
"""The node of `type X = …`, which there is since Python 3.12."""


def type_parameters(tree: ast.Module) -> frozenset[str]:
    """The names between the brackets of `class A[T]`, `def f[T]()` and `type X[T] = …`, wherever they stand."""
    if not _TYPE_ALIAS:
        return frozenset()  # this Python does not parse them
    return frozenset(
        parameter.name for node in ast.walk(tree) for parameter in getattr(node, "type_params", ())
    )


class Branch(IntEnum):
    """The condition under which a statement runs; of several bindings the one with the lowest is preferred."""

    ALWAYS = 0
    TRY = 1
    CONDITION = 2
    TYPE_CHECKING = 3
    HANDLER = 4


@dataclass(frozen=True, slots=True)
class Imported:
    """Bound by an import: a module, or with `name` a name in it. `level` counts the leading dots."""

    module: str
    name: str | None
    level: int
    branch: Branch


@dataclass(frozen=True, slots=True)
class Defined:
    """Bound by `class` or `def`."""

    node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    branch: Branch


@dataclass(frozen=True, slots=True)
class Assigned:
    """Bound by an assignment; `value` is None where it cannot be read (a loop variable, unpacking)."""

    value: ast.expr | None
    annotation: ast.expr | None
    branch: Branch


Binding: TypeAlias = Imported | Defined | Assigned


@dataclass(slots=True)
class Scope:
    """The names of one body. `names` holds each name's bindings in source order.

    `of_class` is the qualified name of the class whose body it is, empty for any other body.
    """

    names: dict[str, list[Binding]] = field(default_factory=dict)
    stars: list[Imported] = field(default_factory=list)
    all_expressions: list[ast.expr] = field(default_factory=list)
    """The expressions that `__all__` is assigned or extended with."""
    of_class: str = ""

    def bind(self, name: str, binding: Binding) -> None:
        self.names.setdefault(name, []).append(binding)

    def candidates(self, name: str) -> list[Binding]:
        """The bindings that a name may have once the body has run, the likeliest first."""
        found: list[Binding] = []
        for binding in reversed(self.names.get(name, ())):
            found.append(binding)
            if binding.branch is Branch.ALWAYS and not _is_bare(binding):
                break
        # sorting is stable: of two under one condition (overloads, redefinitions) the last one stays first
        return sorted(found, key=lambda binding: binding.branch)

    def only_function(self, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The `def` of a name that certainly has this one value once the body has run; None for any other name."""
        match self.candidates(name):
            case [Defined(node=ast.FunctionDef() | ast.AsyncFunctionDef() as node, branch=Branch.ALWAYS)]:
                return node
            case _:
                return None

    def overloads(self, name: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every `def` of a name, in source order."""
        return [
            binding.node
            for binding in self.names.get(name, ())
            if isinstance(binding, Defined) and not isinstance(binding.node, ast.ClassDef)
        ]


def read_scope(body: Sequence[ast.stmt], of_class: str = "") -> Scope:
    """Index a module's or class's statements."""
    scope = Scope(of_class=of_class)
    _read(body, Branch.ALWAYS, scope)
    return scope


def bound_anywhere(tree: ast.Module) -> set[str]:
    """Every name that a module binds in some way but by `class` and `def`, in functions too, and each text that may be one."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Constant(value=str(name)):
                found.add(name)
            case (
                ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name))
            ):
                found.add(name)
            case ast.Global(names=names):
                found.update(names)
            case ast.alias(name=name, asname=alias):
                found.add(alias or name.partition(".")[0])
            case _:
                pass
    return found


def _is_bare(binding: Binding) -> bool:
    """Whether a binding only declares a name, as `x: int` does."""
    return isinstance(binding, Assigned) and binding.value is None and binding.annotation is not None


def _read(body: Sequence[ast.stmt], branch: Branch, scope: Scope) -> None:
    for node in body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                scope.bind(name, Defined(node, branch))
            case ast.Import() | ast.ImportFrom():
                _read_import(node, branch, scope)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    _read_target(target, value, branch, scope)
                _read_named(value, branch, scope)
            case ast.AnnAssign(target=ast.Name(id=name), value=value, annotation=annotation):
                scope.bind(name, Assigned(value, annotation, branch))
                if name == "__all__" and value is not None:
                    scope.all_expressions.append(value)
            case ast.AugAssign(target=ast.Name(id="__all__"), value=value):
                scope.all_expressions.append(value)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="__all__")), args=[value])):
                scope.all_expressions.append(value)
            case ast.If():
                _read_if(node, branch, scope)
            case ast.Try() | ast.TryStar():
                _read(node.body, max(branch, Branch.TRY), scope)
                _read(node.orelse, max(branch, Branch.TRY), scope)
                for handler in node.handlers:
                    _read(handler.body, Branch.HANDLER, scope)
                _read(node.finalbody, branch, scope)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    if item.optional_vars is not None:
                        _read_target(item.optional_vars, None, branch, scope)
                _read(node.body, branch, scope)
            case ast.For() | ast.AsyncFor():
                _read_target(node.target, None, max(branch, Branch.CONDITION), scope)
                _read(node.body, max(branch, Branch.CONDITION), scope)
            case ast.While() | ast.Match():
                bodies = [case.body for case in node.cases] if isinstance(node, ast.Match) else [node.body]
                for inner in bodies:
                    _read(inner, max(branch, Branch.CONDITION), scope)
                _read_named(node.subject if isinstance(node, ast.Match) else node.test, branch, scope)
            case _ if isinstance(node, _TYPE_ALIAS):
                scope.bind(node.name.id, Assigned(node.value, None, branch))
            case _:
                pass


def _read_import(node: ast.Import | ast.ImportFrom, branch: Branch, scope: Scope) -> None:
    for alias in node.names:
        if isinstance(node, ast.Import):
            # `import a.b` binds `a`
            bound = alias.asname or alias.name.partition(".")[0]
            scope.bind(bound, Imported(alias.name if alias.asname else bound, None, 0, branch))
        elif alias.name == "*":
            scope.stars.append(Imported(node.module or "", None, node.level, branch))
        else:
            imported = Imported(node.module or "", alias.name, node.level, branch)
            scope.bind(alias.asname or alias.name, imported)


def _read_target(target: ast.expr, value: ast.expr | None, branch: Branch, scope: Scope) -> None:
    match target:
        case ast.Name(id=name):
            scope.bind(name, Assigned(value, None, branch))
            if name == "__all__" and value is not None:
                scope.all_expressions.append(value)
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            values = value.elts if isinstance(value, ast.Tuple | ast.List) else []
            paired = len(values) == len(targets)
            for index, inner in enumerate(targets):
                _read_target(inner, values[index] if paired else None, branch, scope)
        case ast.Starred(value=inner):
            _read_target(inner, None, branch, scope)
        case _:
            pass


def _read_named(expression: ast.expr, branch: Branch, scope: Scope) -> None:
    """Bind the names of `(name := value)` in a condition or an assignment."""
    match expression:
        case ast.NamedExpr(target=target, value=value):
            _read_target(target, value, branch, scope)
        case ast.UnaryOp(operand=inner) | ast.Compare(left=inner):
            _read_named(inner, branch, scope)
        case ast.BoolOp(values=[first, *others]):
            _read_named(first, branch, scope)
            for inner in others:
                _read_named(inner, max(branch, Branch.CONDITION), scope)
        case _:
            pass


def _read_if(node: ast.If, branch: Branch, scope: Scope) -> None:
    _read_named(node.test, branch, scope)
    if _is_type_checking(node.test):
        # `if TYPE_CHECKING or DOCS:`
        is_alone = not isinstance(node.test, ast.BoolOp)
        _read(node.body, max(branch, Branch.TYPE_CHECKING if is_alone else Branch.CONDITION), scope)
        _read(node.orelse, branch, scope)
        return
    truth = static_truth(node.test)
    if truth is not False:
        _read(node.body, branch if truth else max(branch, Branch.CONDITION), scope)
    if truth is not True:
        _read(node.orelse, branch if truth is False else max(branch, Branch.CONDITION), scope)


def _is_type_checking(test: ast.expr) -> bool:
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(_is_type_checking(value) for value in values)
        case _:
            return False


def static_truth(test: ast.expr) -> bool | None:
    """Whether a condition holds for this interpreter; None when that is known only at run time."""
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            if _is_type_checking(operand):
                return True
            truth = static_truth(operand)
            return None if truth is None else not truth
        case ast.Compare(left=left, ops=[operation], comparators=[right]):
            return _compare(left, operation, right)
        case _:
            return None


_COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], Any]]] = MappingProxyType(
    {
        ast.GtE: operator.ge,
        ast.Gt: operator.gt,
        ast.Lt: operator.lt,
        ast.LtE: operator.le,
        ast.Eq: operator.eq,
        ast.NotEq: operator.ne,
    }
)


def _compare(left: ast.expr, operation: ast.cmpop, right: ast.expr) -> bool | None:
    try:
        wanted = ast.literal_eval(right)
    except ValueError:
        return None
    match ast.unparse(left):
        case "sys.version_info" | "version_info":
            actual: object = tuple(sys.version_info)
        case "sys.version_info[:2]":
            actual = tuple(sys.version_info[:2])
        case "sys.version_info[0]" | "sys.version_info.major":
            actual = sys.version_info[0]
        case "sys.version_info.minor" | "sys.version_info[1]":
            actual = sys.version_info[1]
        case "sys.platform":
            actual = sys.platform
        case _:
            return None
    compare = _COMPARISONS.get(type(operation))
    # `sys.version_info >= 3` raises at run time
    if compare is None or type(actual) is not type(wanted):
        return None
    return bool(compare(actual, wanted))
