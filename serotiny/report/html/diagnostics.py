"""Diagnostics as HTML: headline, place, the source line with the span underlined, help, notes."""

from __future__ import annotations

from serotiny.diagnostics import Diagnostic, Origin, Place
from serotiny.report.html.elements import element, escaped
from serotiny.report.report import Report
from serotiny.report.source_span import source_span
from serotiny.report.text import summary


def render_diagnostics_html(report: Report) -> str:
    """Every diagnostic as a block, then one line that counts them."""
    role = "error" if report.errors else "warning" if report.warnings else "good"
    blocks = [_block(diagnostic, report) for diagnostic in report.diagnostics]
    return "".join([*blocks, element("p", escaped(summary(report)), role)])


def _block(diagnostic: Diagnostic, report: Report) -> str:
    role = "error" if diagnostic.is_error else "warning"
    head = element("span", escaped(f"{diagnostic.severity}[{diagnostic.code}]"), role)
    parts = [
        element("div", f"{head}: <b>{escaped(diagnostic.message)}</b>"),
        *_source(diagnostic.place, report),
    ]
    if diagnostic.help:
        parts.append(element("div", f"{element('span', 'help', 'good')}: {escaped(diagnostic.help)}"))
    parts += [
        element("div", f"{element('span', 'note', 'faint')}: {escaped(note)}") for note in diagnostic.notes
    ]
    where = report.at_fault(diagnostic)
    if where is not None:
        parts.append(element("div", escaped(where), "faint"))
    return element("div", "".join(parts)) + "<br>"


def _source(place: Place, report: Report) -> list[str]:
    if place.origin is Origin.ENVIRONMENT and place.file is None:
        return []
    parts = [element("div", escaped(place), "faint")]
    span = source_span(place, report)
    if span is not None:
        before, fault, after = (
            span.line[: span.start],
            span.line[span.start : span.end],
            span.line[span.end :],
        )
        shown = f"{escaped(before)}{element('mark', escaped(fault), 'fault')}{escaped(after)}"
        parts.append(element("pre", shown, "source"))
    return parts
