"""Code that a model is given to, as functions that draw a picture and callbacks, and that logs nothing through it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.scope import Assigned, Defined, Imported
from serotiny.targets.names.symbols import FunctionSymbol

if TYPE_CHECKING:
    from serotiny.targets.modules.scope import Binding
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import ClassSymbol

_LOGGING: Final = frozenset({"log", "log_dict", "callback_metrics", "logged_metrics", "_results"})
"""Attributes of a model, or of its trainer, by which code may log."""
_DATA: Final = frozenset(
    {"batch", "batch_idx", "callback_state", "checkpoint", "dataloader_idx", "exception", "loss", "opt_idx"}
    | {"optimizer", "optimizer_idx", "outputs", "stage", "state_dict"}
)
"""What a callback's methods are given beside the trainer and the model."""
_LIGHTNING: Final = ("pytorch_lightning.", "lightning.pytorch.")
_SILENT: Final = (".Callback", ".Checkpoint", ".EarlyStopping", ".ModelCheckpoint", ".ProgressBar")
"""The classes of Lightning's that log nothing, and that callbacks of one's own derive from."""


def call_around(node: ast.AST, parents: dict[int, ast.AST]) -> ast.Call | None:
    """The call of which an expression is an argument, by position or by name."""
    parent = parents.get(id(node))
    if isinstance(parent, ast.keyword):
        parent = parents.get(id(parent))
    return parent if isinstance(parent, ast.Call) and parent.func is not node else None


def is_left_alone(call: ast.Call, given: ast.AST, owner: ClassSymbol, resolver: NameResolver) -> bool:
    """Whether a call is of a function that does nothing with a model but read its attributes, none of which logs.

    Args:
        call: a call in a method.
        given: the model, among its arguments.
        owner: the class of the method.
        resolver: finds the function.
    """
    found = resolver.expression(owner.module, (*owner.outer, owner.scope), call.func)
    if not isinstance(found, FunctionSymbol) or found.owner is not None or found.node.decorator_list:
        return False
    name = _parameter(call, given, found.node.args)
    return name is not None and reads_only(found.node, frozenset({name}))


def logs_nothing(symbol: ClassSymbol, resolver: NameResolver) -> bool:
    """Whether a callback, and those that it derives from, certainly logs nothing that could be monitored.

    Its methods are given the model and the trainer, of which they may read attributes, and which they may pass on to
    the same methods of Lightning's own base.
    """
    line = resolver.linearise(symbol)
    own = [base for base in line.classes if not base.path.startswith(_LIGHTNING)]
    known = {base.path for base in line.classes if base not in own}
    if not line.certain or not any(path.endswith(".Callback") for path in known):
        return False
    if not all(path.endswith(_SILENT) for path in known):
        return False
    return all(
        _is_silent(binding) for base in own for found in base.scope.names.values() for binding in found
    )


def _is_silent(binding: Binding) -> bool:
    if isinstance(binding, Imported):
        return False
    if not isinstance(binding, Defined):
        return not isinstance(binding, Assigned) or isinstance(binding.value, ast.Constant | None)
    function = binding.node
    if isinstance(function, ast.ClassDef):
        return False
    taken = () if function.name == "__init__" else (*function.args.args[1:], *function.args.kwonlyargs)
    return reads_only(function, frozenset(arg.arg for arg in taken) - _DATA)


def reads_only(function: ast.AST, names: frozenset[str]) -> bool:
    """Whether a function does nothing with some of its variables but read attributes, none of which logs."""
    nodes = [*ast.walk(function)]
    if any(isinstance(node, ast.Attribute) and node.attr in _LOGGING for node in nodes):
        return False
    held = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super"))), args=args):
                held |= set(map(id, args))
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self")), args=args, keywords=keywords):
                # a method of its own, which is looked at as well
                held |= {id(arg) for arg in (*args, *(keyword.value for keyword in keywords))}
            case _:
                pass
    return all(id(node) in held for node in nodes if isinstance(node, ast.Name) and node.id in names)


def _parameter(call: ast.Call, given: ast.AST, taken: ast.arguments) -> str | None:
    """The parameter that an argument of a call is for; None where that is not seen."""
    for keyword in call.keywords:
        if keyword.value is given:
            return (
                keyword.arg if keyword.arg in {arg.arg for arg in (*taken.args, *taken.kwonlyargs)} else None
            )
    if any(isinstance(arg, ast.Starred) for arg in call.args):
        return None
    positional = [*taken.posonlyargs, *taken.args]
    index = next((at for at, arg in enumerate(call.args) if arg is given), len(positional))
    return positional[index].arg if index < len(positional) else None
