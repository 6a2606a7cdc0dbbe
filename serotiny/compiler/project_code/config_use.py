"""Find the keys that a project's code reads from its configs: `cfg.model.width`, `cfg["model"].get("width")`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, TypeAlias

from serotiny.compiler.project_code.scripts.config_flow import scopes
from serotiny.compiler.project_code.scripts.script import Script
from serotiny.compiler.project_code.scripts.script_config import keys_below, on_condition
from serotiny.compiler.project_code.supplies import (
    config_path,
    functions_of,
    held_by,
    holds_config,
    is_instantiating,
    is_whole,
    kept_paths,
    local_paths,
)
from serotiny.compiler.tree import Keys, ends_with

Read: TypeAlias = tuple[str, str]
"""The name of a node, and the key in it that is read; "" for a variable that is named like a whole config."""


@dataclass
class ConfigUse:
    """What a module does with the parts of a config.

    Attributes:
        read: the keys that it reads.
        asked: those of them that a condition depends on.
        unset: the keys that it compares with None, of whatever part of a config.
        made: the last keys of the nodes that it instantiates, as far as the source shows them.
        made_always: likewise of those of them that it instantiates without a condition.
        made_in_full: the keys of those that it makes of a whole config, without a condition and with arguments that are all seen.
        made_otherwise: the last keys of the nodes that it makes by a function of its own, or with arguments that are not seen.
        spread: likewise of those that it reads whole: `**cfg.model`, `cfg.model.items()`.
        taken: the keys of the nodes that it certainly takes whole from the top of its script's config.
        taken_anywhere: the last keys of the others that it takes whole.
        makes_whole: whether it instantiates a whole config.
        resolves: whether it resolves a whole config, or what is not seen to be a part of one, or loops over one.
        hands_on: whether it hands a whole config to a function of another module.
        is_some: whether it is seen to read anything at all of a config.
    """

    read: set[Read] = field(default_factory=set)
    asked: set[Read] = field(default_factory=set)
    unset: set[str] = field(default_factory=set)
    made: set[tuple[str, ...]] = field(default_factory=set)
    made_always: set[tuple[str, ...]] = field(default_factory=set)
    made_in_full: set[tuple[str, ...]] = field(default_factory=set)
    made_otherwise: set[tuple[str, ...]] = field(default_factory=set)
    spread: set[tuple[str, ...]] = field(default_factory=set)
    taken: set[tuple[str, ...]] = field(default_factory=set)
    taken_anywhere: set[tuple[str, ...]] = field(default_factory=set)
    makes_whole: bool = False
    resolves: bool = False
    hands_on: bool = False
    is_some: bool = False

    @classmethod
    def of_module(cls, tree: ast.Module) -> ConfigUse:
        """What the functions of a module read."""
        found = cls()
        own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        of_any = False
        held = {id(scope.function): scope.held for scope in scopes(Script(Path(), tree))}
        kept = kept_paths(tree)
        for scope in functions_of(tree):
            nodes = list(ast.walk(scope))
            local = kept | local_paths(nodes)
            of_script = held.get(id(scope), {})
            found.read |= set(_reads(nodes, local))
            conditional = on_condition(scope)
            for node in nodes:
                match node:
                    case ast.If(test=test) | ast.IfExp(test=test) | ast.Assert(test=test):
                        found.asked |= set(_reads(ast.walk(test), local))
                    case ast.Compare(
                        left=asked, ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant(value=None)]
                    ):
                        found.unset |= {key for _, key in _reads([asked], local, of_configs=True)}
                    case ast.Call(func=called, args=[config, *_]) if is_instantiating(called):
                        found.made.add(config_path(config, local))
                        found._take(config_path(config, local), keys_below(of_script, config))
                        found.makes_whole |= _is_of_whole(config, local)
                        if not _is_hydras(node):
                            found.made_otherwise.add(config_path(config, local))
                        if id(node) not in conditional:
                            found.made_always.add(config_path(config, local))
                            if _is_hydras(node) and not _is_set(variable := _variable(config), nodes):
                                found.made_in_full |= _keys_below(variable, config)
                    case (
                        ast.keyword(arg=None, value=config)
                        | ast.Call(func=ast.Attribute(value=config, attr="items" | "values"))
                    ):
                        path = config_path(config, local)
                        found.spread.add(path)
                        found._take(path, keys_below(of_script, config))
                        if not path and is_whole(variable := _variable(config)):
                            # a module that reads nothing of them may have any arguments in `args`
                            of_any |= ast.unparse(variable) in _OF_ANY
                            found.resolves |= ast.unparse(variable) not in _OF_ANY
                    case ast.Call() if _resolves(node):
                        path = config_path(node.args[0], local) if node.args else ()
                        found.resolves |= not path
                        found.spread.add(path)
                        found._take(path, keys_below(of_script, node.args[0]) if node.args else None)
                    case ast.Call() if _hands_on(node, own):
                        found.hands_on = True
                    case ast.Attribute(value=holder) | ast.Subscript(value=holder) if holds_config(
                        holder, local
                    ):
                        found.is_some = True
                    case _:
                        pass
        found.resolves |= of_any and found.is_some
        return found

    def to_json(self) -> Any:
        """As JSON data."""
        found = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: sorted(value) if isinstance(value, set) else value for name, value in found.items()}

    @classmethod
    def from_json(cls, data: Any) -> ConfigUse:
        """What `to_json` was given."""
        return cls(**{name: _from_json(value) for name, value in data.items()})

    def makes_on_condition(self, keys: Keys) -> bool:
        """Whether it instantiates the node at some keys, but only where a condition holds."""
        is_made, is_always = (
            any(path and ends_with(keys, path) for path in paths) for paths in (self.made, self.made_always)
        )
        return is_made and not is_always

    def makes_itself(self, keys: Keys) -> bool:
        """Whether it names the node at some keys where it instantiates one."""
        return any(path and ends_with(keys, path) for path in self.made)

    def makes(self, keys: Keys) -> bool:
        """Whether it instantiates the node at some keys, or one around it."""
        return _is_in(keys, self.made)

    def leaves_unread(self, keys: Keys) -> bool:
        """Whether it certainly does not read the value at some keys of a config that only this module handles."""
        is_read = any(key == keys[-1] and (bool(name) or len(keys) == 1) for name, key in self.read)
        is_taken = any(keys[: len(path)] == path for path in self.taken) or _is_in(keys, self.taken_anywhere)
        return self.is_some and not (self.hands_on or is_read or is_taken or self.resolves or () in self.made)

    def never_reads(self, keys: Keys) -> bool:
        """Whether it reads no value of the last of these names, whatever part of a config its variables may hold."""
        return not any(key == keys[-1] for _, key in self.read) and not self._takes_whole(keys)

    def _take(self, path: tuple[str, ...], from_top: tuple[str, ...] | None) -> None:
        """Note a node that it takes whole, by its last keys, and by all of them where those are certain."""
        if from_top:
            self.taken.add(from_top)
        else:
            self.taken_anywhere.add(path)

    def _takes_whole(self, keys: Keys) -> bool:
        """Whether it may use the value at some keys with a node around it."""
        return self.resolves or () in self.made or _is_in(keys, self.made | self.spread)


def _from_json(value: Any) -> Any:
    match value:
        case bool():
            return value
        case _:
            return {tuple(item) if isinstance(item, list) else str(item) for item in value}


def _is_of_whole(expression: ast.expr, local: dict[str, tuple[str, ...]]) -> bool:
    """Whether an expression is a whole config, or what a call makes of one."""
    match expression:
        case ast.Call(args=given):
            return any(_is_of_whole(value, local) for value in given)
        case ast.Name() | ast.Attribute():
            return not config_path(expression, local)
        case _:
            return False


def _is_hydras(call: ast.Call) -> bool:
    """Whether a call is of Hydra's own function, with arguments that are written out."""
    is_starred = any(isinstance(given, ast.Starred) for given in call.args) or any(
        given.arg is None for given in call.keywords
    )
    return ast.unparse(call.func) in _HYDRAS and not is_starred


def _is_set(variable: ast.expr, nodes: Iterable[ast.AST]) -> bool:
    """Whether a function sets a variable, as one does that makes another config of the one that it was given."""
    return any(
        isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == ast.unparse(variable)
        for node in nodes
    )


def _keys_below(variable: ast.expr, config: ast.expr) -> set[tuple[str, ...]]:
    """The keys that an expression reads one by one, from a variable that holds a whole config; empty if it is another."""
    keys: list[str] = []
    while config is not variable:
        match config:
            case (
                ast.Attribute(value=config, attr=key)
                | ast.Subscript(value=config, slice=ast.Constant(value=str(key)))
            ):
                keys.insert(0, key)
            case _:
                return set()
    return {tuple(keys)} if keys and isinstance(variable, ast.Name) and is_whole(variable) else set()


def _is_in(keys: Keys, paths: set[tuple[str, ...]]) -> bool:
    return any(path and ends_with(keys[:depth], path) for path in paths for depth in range(1, len(keys) + 1))


def _variable(expression: ast.expr) -> ast.expr:
    """The variable that an expression descends from."""
    while isinstance(expression, ast.Attribute | ast.Subscript) and not is_whole(expression):
        expression = expression.value
    return expression


_HYDRAS: Final = frozenset(
    {"instantiate", "hydra.utils.instantiate", "hydra_utils.instantiate", "utils.instantiate"}
)

_OF_ANY: Final = frozenset({"args", "options"})
"""Names of variables that hold a config in some scripts, and any arguments elsewhere."""

_SHOWING: Final = frozenset(
    {"to_yaml", "to_container", "isinstance", "print", "info", "open_dict", "set_struct"}
)
"""Functions that take a whole config and resolve nothing in it."""


def _resolves(call: ast.Call) -> bool:
    """Whether a call resolves a config, or a part of one, as `Path(…).resolve()` does not."""
    is_named = _name_of(call) in ("resolve", "to_object") and bool(call.args)
    return is_named or any(item.arg == "resolve" for item in call.keywords)


def _hands_on(call: ast.Call, own: set[str]) -> bool:
    """Whether a call hands a whole config to a function of another module."""
    given = (*call.args, *(item.value for item in call.keywords if item.arg is not None))
    return _name_of(call) not in _SHOWING | own and any(is_whole(value) for value in given)


def _name_of(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _reads(
    nodes: Iterable[ast.AST], local: dict[str, tuple[str, ...]], *, of_configs: bool = False
) -> Iterator[Read]:
    for node in nodes:
        match node:
            case (
                ast.Attribute(value=holder, attr=key)
                | ast.Subscript(value=holder, slice=ast.Constant(value=str(key)))
            ) if not isinstance(node.ctx, ast.Del):
                pass
            case (
                ast.Call(
                    func=ast.Attribute(value=holder, attr="get"), args=[ast.Constant(value=str(key)), *_]
                )
                | ast.Call(
                    func=ast.Name(id="getattr" | "hasattr") | ast.Attribute(attr="select"),
                    args=[holder, ast.Constant(value=str(key)), *_],
                )
            ):
                pass
            case _:
                continue
        if of_configs and not holds_config(holder, local):
            continue
        *above, last = key.split(".")
        for name in _names(holder, local) if not above else above[-1:]:
            yield name, last


def _names(holder: ast.expr, local: dict[str, tuple[str, ...]]) -> set[str]:
    """The names of the node that an expression stands for: the key that it reads, or that its variable tells."""
    names = {*config_path(holder, local)[-1:], *held_by(holder), *([""] if is_whole(holder) else [])}
    match holder:
        case ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return {*names, name}
        case _:
            return names
