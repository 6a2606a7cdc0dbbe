"""Find the resolvers that a module registers, from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Final

REGISTERING: Final = frozenset({"legacy_register_resolver", "register_new_resolver", "register_resolver"})
_OF_OMEGACONF: Final = frozenset({"hydra", "omegaconf"})


def registering_functions(tree: ast.Module) -> frozenset[str]:
    """The functions of a module that register a resolver under a name that their parameters tell, decorators among them."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name):
                inner = [*ast.walk(node)]
                parameters = {item.arg for item in inner if isinstance(item, ast.arg)}
                given = filter(None, (_name_given(item, REGISTERING) for item in inner))
                if any(isinstance(item, ast.Name) and item.id in parameters for item in _within(given)):
                    found.add(name)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Attribute(attr=attribute)):
                if attribute in REGISTERING:
                    found.add(name)
            case _:
                pass
    return frozenset(found)


def registered_names(tree: ast.Module, functions: frozenset[str]) -> frozenset[str]:
    """The names that a module registers resolvers under.

    Args:
        tree: the module.
        functions: functions that register resolvers, besides those of OmegaConf.

    Returns:
        The names in its calls. If a name is computed at run time (in a loop over a table, say), every text in
        the module that could be a name, since any of them may be it; `*` stands for what is filled into one.
    """
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(
            _word(item) in functions for item in node.decorator_list
        ):
            names.add(node.name)
        match _name_given(node, REGISTERING | functions):
            case None:
                pass
            case ast.Constant(value=str(name)):
                names.add(name)
            case _:
                names |= _texts(tree)
                names |= {item.name for item in ast.walk(tree) if isinstance(item, ast.FunctionDef)}
    return frozenset(names)


def imported_tables(tree: ast.Module) -> frozenset[str]:
    """What a module imports that may hold the names of resolvers, where it registers under names that it computes."""
    computed = (_name_given(node, REGISTERING) for node in ast.walk(tree))
    if all(given is None or isinstance(given, ast.Constant) for given in computed):
        return frozenset()
    return frozenset(
        item.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for item in node.names
    )


def names_in_tables(tree: ast.Module, tables: frozenset[str]) -> frozenset[str]:
    """The texts in the variables of these names at the top of a module that could be the names of resolvers."""
    return frozenset(
        name
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and any(isinstance(item, ast.Name) and item.id in tables for item in _targets(node))
        for name in _texts(node)
    )


def registering_packages(tree: ast.Module) -> frozenset[str]:
    """The packages of which a module uses functions that register resolvers, as their names say: `register_resolvers()`."""
    packages: dict[str, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                for item in names:
                    packages[item.asname or item.name.partition(".")[0]] = item.name.partition(".")[0]
            case ast.ImportFrom(module=str(module), names=names, level=0):
                for item in names:
                    packages[item.asname or item.name] = module.partition(".")[0]
            case _:
                pass
    asked = (_root(node) for node in ast.walk(tree) if isinstance(node, ast.expr) and _is_of_resolvers(node))
    return frozenset(packages[name] for name in asked if name in packages) - _OF_OMEGACONF


def _is_of_resolvers(used: ast.expr) -> bool:
    word = _word(used)
    return "resolver" in word and word.islower()


def _root(used: ast.expr) -> str:
    """The first name of a dotted path."""
    while isinstance(used, ast.Attribute | ast.Call):
        used = used.value if isinstance(used, ast.Attribute) else used.func
    return _word(used)


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _within(expressions: Iterable[ast.expr]) -> Iterator[ast.AST]:
    return (node for expression in expressions for node in ast.walk(expression))


def _texts(tree: ast.AST) -> set[str]:
    """The texts that could be names; those into which something is filled with `*` in its place."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)):
                found.add(text)
            case ast.JoinedStr(values=parts):
                found.add(
                    "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in parts)
                )
            case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Add()):
                found.add(f"{text}*")
            case ast.BinOp(right=ast.Constant(value=str(text)), op=ast.Add()):
                found.add(f"*{text}")
            case _:
                pass
    return {text for text in found if _is_name(text)}


def _word(called: ast.expr) -> str:
    match called:
        case ast.Attribute(attr=word) | ast.Name(id=word):
            return word
        case ast.Call(func=func):  # of what makes the decorator
            return _word(func)
        case _:
            return ""


def _name_given(node: ast.AST, functions: frozenset[str]) -> ast.expr | None:
    """The argument with the resolver's name, of a call of one of these functions."""
    if not isinstance(node, ast.Call):
        return None
    if _word(node.func) not in functions:
        return None
    for keyword in node.keywords:
        if keyword.arg == "name":
            return keyword.value
    return node.args[0] if node.args else None


def _is_name(text: str) -> bool:
    return all(part.replace("*", "_").isidentifier() for part in text.split("."))
