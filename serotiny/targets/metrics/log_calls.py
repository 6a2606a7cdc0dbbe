"""Find what a LightningModule logs by the calls of `self.log` and `self.log_dict` in its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from serotiny.targets.metrics.helpers import call_around, is_left_alone
from serotiny.targets.metrics.logged_metrics import HOLE, LoggedMetrics, LoggedName
from serotiny.targets.metrics.methods import Method, Methods, is_self, is_super
from serotiny.targets.metrics.string_values import StringValues
from serotiny.targets.modules.scope import Assigned, Imported
from serotiny.targets.names.symbols import ClassSymbol, ModuleSymbol, ValueSymbol

if TYPE_CHECKING:
    from serotiny.targets.modules.scope import Binding
    from serotiny.targets.names.resolver import NameResolver

_MODULES: Final = frozenset(
    f"{namespace}.core.module.LightningModule" for namespace in ("pytorch_lightning", "lightning.pytorch")
)
_LOG: Final = frozenset({"log", "log_dict"})
_TELLS_NOTHING: Final = frozenset(
    {"isinstance", "issubclass", "super", "type", "id", "repr", "hasattr", "print", "setattr"}
)
"""Builtins that do not log through an instance that they are given."""
_OF_TESTS: Final = re.compile(r"test_step|test_step_end|test_epoch_end|on_test_\w+")
"""The methods that Lightning calls in a test alone."""
# Lightning's own mappings, into which code may write without `log`
_ESCAPES: Final = frozenset({"callback_metrics", "logged_metrics", "_results"})


class _UnsureError(Exception):
    """The source does not tell all that is logged."""


def logged_metrics(symbol: ClassSymbol, resolver: NameResolver) -> LoggedMetrics:
    """What a class logs; not certain when it is no LightningModule, or its source leaves something open."""
    line = resolver.linearise(symbol)
    roots = [base for base in line.classes if base.path in _MODULES]
    if not roots or not line.certain:
        return LoggedMetrics()
    root = resolver.linearise(roots[0])
    classes = [base for base in line.classes if base.path not in root.paths]
    known = frozenset(name for base in root.classes for name in base.scope.names)
    methods = Methods(classes, known)
    try:
        names = set(_logged(methods))
        _reject_open(classes, methods, resolver)
    except _UnsureError:
        return LoggedMetrics()
    tested = names - _logged_in_fit(Methods(classes, known, left_out=_OF_TESTS.fullmatch), names)
    return LoggedMetrics(_in_order(names), certain=True, only_tested=_in_order(tested))


def _logged_in_fit(methods: Methods, names: set[LoggedName]) -> set[LoggedName]:
    """Those of the names that training or validation may log, by the methods that are not of tests alone."""
    nodes = (node for method in methods.all for node in method.nodes)
    if any(isinstance(node, ast.Attribute) and _OF_TESTS.fullmatch(node.attr) for node in nodes):
        return names
    try:
        return set(_logged(methods))
    except _UnsureError:
        return names


def _in_order(names: set[LoggedName]) -> tuple[LoggedName, ...]:
    return tuple(sorted(names, key=lambda name: (name.pieces, name.forked)))


def _logged(methods: Methods) -> Iterator[LoggedName]:
    reader = StringValues(methods)
    for method in methods.all:
        for name, call in _log_calls(method):
            is_dict = name == "log_dict"
            named = {keyword.arg: keyword.value for keyword in call.keywords}
            first = call.args[0] if call.args else named.get("dictionary" if is_dict else "name")
            found = reader.keys(first, method) if is_dict else reader.texts(first, method)
            if HOLE in found:
                raise _UnsureError
            yield from (LoggedName(pieces, _is_forked(call)) for pieces in found)


def _log_calls(method: Method) -> Iterator[tuple[str, ast.Call]]:
    """The calls of `log` and `log_dict` on the instance in a method, with the name of each."""
    for node in method.nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in _LOG:
                if is_self(value, method) or is_super(value):
                    yield name, node
            case _:
                pass


def _is_forked(call: ast.Call) -> bool:
    """Whether a value may be logged for both steps and epochs; no default of Lightning's does that by itself."""
    flags: dict[str, object] = {}
    for keyword in call.keywords:
        if keyword.arg in (None, "on_step", "on_epoch"):
            value = keyword.value
            flags[str(keyword.arg)] = value.value if isinstance(value, ast.Constant) else None
    # the third and fourth positional parameters are `prog_bar` and `logger`, then come these
    many = len(call.args) > 4
    return many or (bool(flags) and False not in flags.values())


def _reject_open(classes: list[ClassSymbol], methods: Methods, resolver: NameResolver) -> None:
    """Raise if other code may log through the instance."""
    for owner in classes:
        for name, bindings in owner.scope.names.items():
            for binding in bindings:
                if name in _LOG or _may_be_function(owner, binding, resolver):
                    raise _UnsureError
    for method in methods.all:
        parents = {id(child): node for node in method.nodes for child in ast.iter_child_nodes(node)}
        for node in method.nodes:
            if not is_self(node, method) or _is_harmless(node, parents.get(id(node)), parents):
                continue
            call = call_around(node, parents)
            if call is None or not is_left_alone(call, node, method.owner, resolver):
                raise _UnsureError
        for node in method.nodes:
            if isinstance(node, ast.Attribute) and node.attr in _ESCAPES:
                raise _UnsureError


def _may_be_function(owner: ClassSymbol, binding: Binding, resolver: NameResolver) -> bool:
    """Whether a class attribute may be a function from elsewhere, which would be a method."""
    if not isinstance(binding, Assigned):
        return isinstance(binding, Imported)
    value = binding.value
    if isinstance(value, ast.Lambda):
        return True
    if not isinstance(value, ast.Name | ast.Attribute):
        return False
    found = resolver.expression(owner.module, (*owner.outer, owner.scope), value)
    return not isinstance(found, ClassSymbol | ValueSymbol | ModuleSymbol)


def _is_harmless(node: ast.AST, parent: ast.AST | None, parents: dict[int, ast.AST]) -> bool:
    """Whether an occurrence of the instance does not let other code log through it."""
    match parent:
        case ast.Attribute(attr=name):
            above = parents.get(id(parent))
            # `self.log` that is passed on instead of called may be called elsewhere
            return name not in _LOG or (isinstance(above, ast.Call) and above.func is parent)
        case ast.Call(func=func) if func is node:
            return True
        case ast.Call(func=ast.Name(id="getattr"), args=[_, name, *_]):
            return not _may_be_log(name)
        case ast.Call(func=ast.Name(id=name)):
            return name in _TELLS_NOTHING
        case ast.Call(func=ast.Attribute(attr="__init__")):
            return True
        case ast.Return() | ast.Compare() | ast.Expr():
            return True
        case _:
            return False


def _may_be_log(name: ast.expr) -> bool:
    """Whether the name of an attribute, as far as it is written out, may be that of a method that logs."""
    match name:
        case ast.Constant(value=value):
            return value in _LOG
        case ast.JoinedStr(values=parts):
            known = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".*" for part in parts]
            return any(re.fullmatch("".join(known), method) for method in _LOG)
        case _:
            return True
