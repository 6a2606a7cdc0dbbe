"""Find what a module puts on the command line itself, before Hydra reads it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

_ADDITION: Final = re.compile(r"\+{1,2}([\w-]+)[\w./@-]*=")
"""The beginning of an override that adds a key, or sets one that may not be there."""


def added_keys(tree: ast.Module) -> Iterator[str]:
    """The first keys of the overrides that a module gives by itself: `sys.argv.append(f"+root={here}")`."""
    for statement in ast.walk(tree):
        match statement:
            case (
                ast.Call(func=ast.Attribute(value=line, attr="append" | "extend" | "insert"))
                | ast.AugAssign(target=line)
                | ast.Assign(targets=[line])
            ) if _is_command_line(line):
                texts = (node.value for node in ast.walk(statement) if isinstance(node, ast.Constant))
                found = (_ADDITION.match(text) for text in texts if isinstance(text, str))
                yield from (match[1] for match in found if match is not None)
            case _:
                pass


def _is_command_line(expression: ast.expr) -> bool:
    match expression:
        case ast.Name("argv") | ast.Attribute(ast.Name("sys"), "argv"):
            return True
        case _:
            return False
