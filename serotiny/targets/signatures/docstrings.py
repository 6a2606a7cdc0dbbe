"""Docstrings of targets, and the descriptions of parameters in them: Google, NumPy or Sphinx style, parsed by griffe."""

from __future__ import annotations

import ast
import inspect
import re
from typing import TYPE_CHECKING, Literal

from serotiny.targets.modules.scope import Assigned
from serotiny.targets.names.symbols import ValueSymbol

if TYPE_CHECKING:
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import ClassSymbol, FunctionNode

_NUMPY = re.compile(r"^\s*(?:Other )?Parameters\s*\n\s*-{3,}", re.MULTILINE)
_GOOGLE = re.compile(
    r"^\s*(?:Args|Arguments|Params|Parameters|Keyword Args|Other Parameters)\s*:", re.MULTILINE
)
_GAP = re.compile(r"^(\s*(?:Args|Arguments|Params|Parameters)\s*:)[ \t]*\n(?:[ \t]*\n)+", re.MULTILINE)
_SPHINX = re.compile(r"^\s*:param\b", re.MULTILINE)


def docstring(node: ast.ClassDef | FunctionNode) -> str:
    """The docstring of a class or function, its indentation removed."""
    return ast.get_docstring(node) or ""


def class_docstring(symbol: ClassSymbol, resolver: NameResolver) -> str:
    """The docstring of a class, also where `__doc__` is assigned in its body or below it."""
    text = docstring(symbol.node)
    if text:
        return text
    for binding in symbol.scope.candidates("__doc__"):
        if isinstance(binding, Assigned) and binding.value is not None:
            return inspect.cleandoc(_text(binding.value, symbol, resolver))
    for statement in symbol.module.tree.body if symbol.module.tree is not None else ():
        match statement:
            case ast.Assign(
                targets=[ast.Attribute(value=ast.Name(id=name), attr="__doc__")], value=value
            ) if name == symbol.qualified_name:
                return inspect.cleandoc(_text(value, symbol, resolver))
            case _:
                pass
    return ""


def _text(expression: ast.expr, symbol: ClassSymbol, resolver: NameResolver) -> str:
    """The text of a string that is joined, formatted or concatenated, without the parts that cannot be read."""
    match expression:
        case ast.Constant(value=str(text)):
            return text
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _text(left, symbol, resolver) + _text(right, symbol, resolver)
        case ast.JoinedStr(values=values):
            return "".join(_text(value, symbol, resolver) for value in values)
        case ast.FormattedValue(value=value):
            return _text(value, symbol, resolver)
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return _text(value, symbol, resolver)
        case ast.Name(id=name):
            found = resolver.name(symbol.module, symbol.outer, name)
            if isinstance(found, ValueSymbol) and not isinstance(found.value, ast.Name):
                return _text(found.value, symbol, resolver)
            return ""
        case _:
            return ""


def first_paragraph(text: str) -> str:
    """The first paragraph, on one line."""
    return " ".join(re.split(r"\n\s*\n", text.strip(), maxsplit=1)[0].split())


def parameter_descriptions(text: str) -> dict[str, str]:
    """Parameter → its description in a docstring, on one line."""
    style = _style(text)
    if style is None:
        return {}
    # importing griffe takes 60 ms, which a check with cached answers does not need
    import griffe

    # griffe ends a section at a blank line below its heading; torch puts one there
    docstring = griffe.Docstring(_GAP.sub(r"\1\n", inspect.cleandoc(text)))
    sections = docstring.parse(style, warnings=False)
    wanted = (griffe.DocstringSectionKind.parameters, griffe.DocstringSectionKind.other_parameters)
    return {
        name.strip().lstrip("*"): " ".join(item.description.split())
        for section in sections
        if section.kind in wanted
        for item in section.value
        for name in item.name.split(",")
    }


def class_docstrings(classes: tuple[ClassSymbol, ...], resolver: NameResolver) -> list[str]:
    """The docstrings that may describe a constructor's parameters, the most specific first."""
    texts = []
    for symbol in classes:
        texts.append(class_docstring(symbol, resolver))
        texts += [docstring(node) for node in symbol.scope.overloads("__init__")[-1:]]
    return [text for text in texts if text]


def _style(text: str) -> Literal["google", "numpy", "sphinx"] | None:
    if _NUMPY.search(text):
        return "numpy"
    if _GOOGLE.search(text):
        return "google"
    return "sphinx" if _SPHINX.search(text) else None
