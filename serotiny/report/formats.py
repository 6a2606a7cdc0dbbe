"""The formats of `--format`, by name."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module

from serotiny.report.report import Renderer

_RENDERERS = {
    "text": "serotiny.report.text:render_text",
    "json": "serotiny.report.json:render_json",
    "github": "serotiny.report.github:render_github",
    "sarif": "serotiny.report.sarif:render_sarif",
}


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


def renderer_of(name: Format) -> Renderer:
    """The renderer of a format; its module is imported only now."""
    module, _, function = _RENDERERS[name].partition(":")
    renderer: Renderer = getattr(import_module(module), function)
    return renderer
