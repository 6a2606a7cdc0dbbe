"""What docstrings say of a target and of its parameters: Google, NumPy and Sphinx style, parsed by griffe."""

from __future__ import annotations

import ast
import inspect
import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from serotiny.targets.entities import ClassEntity, FunctionNode

_NUMPY = re.compile(r"^\s*(?:Other )?Parameters\s*\n\s*-{3,}", re.MULTILINE)
_GOOGLE = re.compile(
    r"^\s*(?:Args|Arguments|Params|Parameters|Keyword Args|Other Parameters)\s*:", re.MULTILINE
)
_SPHINX = re.compile(r"^\s*:param\b", re.MULTILINE)


def docstring(node: ast.ClassDef | FunctionNode) -> str:
    """The docstring of a class or function, its indentation removed."""
    return ast.get_docstring(node) or ""


def first_paragraph(text: str) -> str:
    """The first paragraph, on one line."""
    return " ".join(re.split(r"\n\s*\n", text.strip(), maxsplit=1)[0].split())


def parameter_descriptions(text: str) -> dict[str, str]:
    """What a docstring says of each parameter, each on one line."""
    style = _style(text)
    if style is None:
        return {}
    # 60 ms that a check whose answers are all cached does without
    import griffe

    docstring = griffe.Docstring(inspect.cleandoc(text))
    sections = docstring.parse(style, **({} if style == "sphinx" else {"warnings": False}))
    wanted = (griffe.DocstringSectionKind.parameters, griffe.DocstringSectionKind.other_parameters)
    return {
        name.strip().lstrip("*"): " ".join(item.description.split())
        for section in sections
        if section.kind in wanted
        for item in section.value
        for name in item.name.split(",")
    }


def class_docstrings(classes: tuple[ClassEntity, ...]) -> list[str]:
    """The docstrings that may describe a constructor's parameters, the most specific first."""
    texts = []
    for entity in classes:
        texts.append(docstring(entity.node))
        texts += [docstring(node) for node in entity.scope.overloads("__init__")[-1:]]
    return [text for text in texts if text]


def _style(text: str) -> Literal["google", "numpy", "sphinx"] | None:
    if _NUMPY.search(text):
        return "numpy"
    if _GOOGLE.search(text):
        return "google"
    return "sphinx" if _SPHINX.search(text) else None
