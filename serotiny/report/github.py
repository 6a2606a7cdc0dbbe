"""Diagnostics as GitHub workflow commands, which annotate the lines of a pull request."""

from __future__ import annotations

import re
from typing import Final

from serotiny.diagnostics import Diagnostic
from serotiny.report.report import Report
from serotiny.report.terminal import visible
from serotiny.report.text import summary

_LINE_END: Final = re.compile(r"([\r\n])")


def render_github(report: Report) -> str:
    """One `::error` or `::warning` a diagnostic, then a line that counts them."""
    return (
        "\n".join([*(_command(diagnostic, report) for diagnostic in report.diagnostics), summary(report)])
        + "\n"
    )


def _command(diagnostic: Diagnostic, report: Report) -> str:
    place = diagnostic.place
    properties = {
        "file": place.file,
        "line": place.line if place.file else None,
        "endLine": place.end_line if place.file else None,
        "col": place.column if place.file else None,
        "endColumn": place.end_column if place.file and place.end_line == place.line else None,
        "title": f"{diagnostic.code} {diagnostic.name}",
    }
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value is not None)
    parts = [
        diagnostic.message,
        f"override: {place.override}" if place.override else "",
        diagnostic.help or "",
    ]
    parts += [*diagnostic.notes, report.at_fault(diagnostic) or ""]
    text = "\n".join(part for part in parts if part)
    return f"::{diagnostic.severity} {given}::{_data(text)}"


def _data(text: str) -> str:
    text = "".join(part if part in ("\r", "\n") else visible(part) for part in _LINE_END.split(text))
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    return _data(str(value)).replace(":", "%3A").replace(",", "%2C")
