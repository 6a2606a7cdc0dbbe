"""Find the resolvers that a module registers, from its source."""

from __future__ import annotations

import ast
from typing import Final

REGISTERING: Final = frozenset({"register_new_resolver", "register_resolver"})


def registering_functions(tree: ast.Module) -> frozenset[str]:
    """The functions of a module that register a resolver under a name that is one of their parameters."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name, args=arguments):
                parameters = {item.arg for item in (*arguments.posonlyargs, *arguments.args)}
                for inner in ast.walk(node):
                    given = _name_given(inner, REGISTERING)
                    if isinstance(given, ast.Name) and given.id in parameters:
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
        the module that could be a name, since any of them may be it.
    """
    names: set[str] = set()
    for node in ast.walk(tree):
        match _name_given(node, REGISTERING | functions):
            case None:
                pass
            case ast.Constant(value=str(name)):
                names.add(name)
            case _:
                names |= {
                    item.value
                    for item in ast.walk(tree)
                    if isinstance(item, ast.Constant) and isinstance(item.value, str) and _is_name(item.value)
                }
                names |= {item.name for item in ast.walk(tree) if isinstance(item, ast.FunctionDef)}
    return frozenset(names)


def _name_given(node: ast.AST, functions: frozenset[str]) -> ast.expr | None:
    """The argument with the resolver's name, of a call of one of these functions."""
    if not isinstance(node, ast.Call):
        return None
    called = node.func
    word = (
        called.attr
        if isinstance(called, ast.Attribute)
        else called.id
        if isinstance(called, ast.Name)
        else ""
    )
    if word not in functions:
        return None
    for keyword in node.keywords:
        if keyword.arg == "name":
            return keyword.value
    return node.args[0] if node.args else None


def _is_name(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))
