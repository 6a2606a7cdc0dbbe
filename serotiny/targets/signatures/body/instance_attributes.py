"""Whether instances of a Lightning class certainly lack an attribute, or have nothing but Lightning's own method."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.scope import Defined
from serotiny.targets.names.symbols import parameter_names
from serotiny.targets.signatures.body.frameworks import is_of_framework, own_classes

if TYPE_CHECKING:
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import ClassSymbol


_SETTING: Final = frozenset(
    {"setattr", "vars", "exec", "eval", "locals"}
    | {"__dict__", "__setattr__", "__getattr__", "__getattribute__", "_set_hparams"}
    | {"add_module", "register_buffer", "register_module", "register_parameter"}
)
"""Through these an instance may get an attribute of any name."""
_ROOTS: Final = ("core.module.LightningModule", "core.datamodule.LightningDataModule")
_CHANGING: Final = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})
"""Methods through which a class may give something else than its instances, or get more than its body."""
_READING: Final = frozenset(
    {"isinstance", "issubclass", "super", "type", "id", "repr", "hasattr", "print", "getattr"}
)


def certainly_lacks(symbol: ClassSymbol, name: str, resolver: NameResolver) -> bool:
    """Whether no instance of a class has an attribute, a hyperparameter or a property of this name.

    An instance that is given to other code may get any attribute there, so nothing is certain then.
    """
    line = resolver.linearise(symbol)
    if not line.has_all_source:
        return False
    if any(owner.scope.candidates(name) or owner.attribute_writes[name] for owner in line.classes):
        return False
    own = own_classes(line)
    saved = any(_saves_hyperparameters(owner) for owner in own)
    return not any(_may_set_any(owner) or (saved and _may_be_hyperparameter(owner, name)) for owner in own)


def not_overridden(symbol: ClassSymbol, names: tuple[str, ...], resolver: NameResolver) -> tuple[str, ...]:
    """The names for which every instance of a class certainly has what Lightning's own base has, or nothing."""
    line = resolver.linearise(symbol)
    at = next((index for index, path in enumerate(line.paths) if path.endswith(_ROOTS)), None)
    if at is None or not line.has_all_source:
        return ()
    own = own_classes(line)
    before = {*line.paths[:at]}
    others = [owner for owner in line.classes if owner.path in before and is_of_framework(owner)]
    left = [
        name
        for name in names
        if not any(owner.scope.candidates(name) or owner.attribute_writes[name] for owner in (*own, *others))
        and not any(f".{name} =" in owner.module.text for owner in own)
    ]
    # of a class that overrides all that is asked for no body is read
    return (
        tuple(left)
        if left and not any(_may_be_changed(owner) or _may_set_any(owner) for owner in own)
        else ()
    )


def _may_be_changed(owner: ClassSymbol) -> bool:
    """Whether code beside a class may set its attributes, or an instance may become one of another class."""
    return (
        not _CHANGING.isdisjoint(owner.scope.names)
        or owner.attribute_writes["__class__"] > 0
        or any(
            isinstance(node, ast.Name) and node.id == owner.node.name
            for statement in (owner.module.tree.body if owner.module.tree is not None else ())
            if isinstance(statement, ast.Expr | ast.For)
            for node in ast.walk(statement)
        )
    )


def _may_set_any(owner: ClassSymbol) -> bool:
    if owner.node.decorator_list or owner.node.keywords or not _SETTING.isdisjoint(owner.scope.names):
        return True
    parents = {child: node for node in ast.walk(owner.node) for child in ast.iter_child_nodes(node)}
    for node in parents:
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in _SETTING:
                return True
            case ast.Name(id="self") if not _is_kept(parents[node], node):
                return True
            case ast.Attribute(attr="hparams") if not _is_read(parents[node]):
                return True
            case ast.Call(func=ast.Attribute(attr="save_hyperparameters"), args=args) if not all(
                isinstance(item, ast.Constant) for item in args
            ):
                return True
            case _:
                pass
    return any(
        isinstance(bound, Defined) and bound.node.decorator_list
        for bound in owner.scope.candidates("__init__")
    )


def _is_kept(parent: ast.AST, node: ast.AST) -> bool:
    """Whether an occurrence of the instance does not give it to other code."""
    match parent:
        case ast.Attribute() | ast.Return() | ast.Compare() | ast.Call(func=ast.Attribute(attr="__init__")):
            return True
        case ast.Call(func=function) if function is node:
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in _READING
        case _:
            return False


def _is_read(parent: ast.AST) -> bool:
    """Whether the hyperparameters are only read."""
    match parent:
        case ast.Attribute(attr=name):
            return name not in ("update", "setdefault")
        case ast.Subscript(ctx=ast.Load()) | ast.Compare():
            return True
        case _:
            return False


def _saves_hyperparameters(owner: ClassSymbol) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr == "save_hyperparameters"
        for node in ast.walk(owner.node)
    )


def _may_be_hyperparameter(owner: ClassSymbol, name: str) -> bool:
    """Whether what a constructor takes, which is what is saved, includes the name."""
    return any(
        node.args.kwarg is not None or name in parameter_names(node)
        for node in owner.scope.overloads("__init__")
    )
