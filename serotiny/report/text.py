"""Diagnostics as text: headline, place, the source line with the span underlined, help, notes."""

from __future__ import annotations

from collections import Counter

from serotiny.diagnostics import Origin, Place, Severity
from serotiny.diagnostics.counts import counted
from serotiny.report.grouping import Group, grouped
from serotiny.report.report import Report
from serotiny.report.source_span import source_span
from serotiny.report.terminal import PLAIN, Style, visible, width

_MAX_WIDTH = 200
_MANY = 20  # blocks, which no screen shows
_MOST_FREQUENT = 5
_LONGEST = 2_000  # characters of a sentence: a key or a path may be as long as a file

_NO_JOBS = (
    "nothing was checked, since no config was found that a job starts from: name a folder of such configs with "
    "--config-dir, or the configs in `roots` of [tool.serotiny]"
)


def render_text(report: Report, style: Style = PLAIN, each_place: bool = False) -> str:
    """Every diagnostic as a block, then one line that counts them.

    Args:
        report: the report.
        style: the colours.
        each_place: whether to add a block for each further place of a grouped fault.
    """
    groups = [Group(each) for each in report.diagnostics] if each_place else grouped(report.diagnostics)
    blocks = [_block(group, report, style) for group in groups]
    codes = _code_lines(report) if len(groups) > _MANY else []
    return "\n".join([*blocks, *_run_lines(report, style), *codes, summary(report, style)]) + "\n"


def _code_lines(report: Report) -> list[str]:
    """The codes that were found most often, and how to see less at a time."""
    errors = Counter(each.code for each in report.diagnostics if each.is_error)
    found = Counter(each.code for each in report.diagnostics)
    order = sorted(found, key=lambda code: (-errors[code], -found[code], code))
    shown = [f"{code} {counted(found[code], 'time')}" for code in order[:_MOST_FREQUENT]]
    more = [counted(len(order) - len(shown), "other code")] if len(order) > len(shown) else []
    return [
        f"by code: {', '.join([*shown, *more])}",
        f"`--select {order[0]}` shows one alone, `--ignore` leaves one out, `--write-baseline FILE` accepts what is there",
    ]


def _run_lines(report: Report, style: Style) -> list[str]:
    lines = []
    for run in report.runs or ():
        name = f"`{visible(run.name)}`" if run.name else "a new name"
        where = f" in `{visible(run.experiment)}`"
        lines.append(f"{style.strong('run')} {name}{where}: {run.action} ({visible(run.note)})")
    return [*lines, ""] if lines else []


def summary(report: Report, style: Style = PLAIN) -> str:
    """One line with the numbers of jobs and of diagnostics."""
    jobs = counted(report.jobs, "job")
    if not report.jobs and not report.diagnostics:
        return style.warning(_NO_JOBS)
    if not report.diagnostics:
        return style.good(f"nothing wrong in {jobs}")
    found = [(report.errors, "error"), (report.warnings, "warning")]
    text = f"{' and '.join(counted(number, word) for number, word in found if number)} in {jobs}"
    return style.error(text) if report.errors else style.warning(text)


def _block(group: Group, report: Report, style: Style) -> str:
    diagnostic = group.first
    is_error = diagnostic.severity is Severity.ERROR
    paint = style.error if is_error else style.warning
    head = paint(f"{diagnostic.severity}[{diagnostic.code}]") + style.strong(
        f": {_sentence(diagnostic.message)}"
    )
    lines = [head, *_source(diagnostic.place, report, paint, style)]
    if diagnostic.help:
        lines.append(f"  {style.good('help')}: {_sentence(diagnostic.help)}")
    notes = (*diagnostic.notes, *group.notes)
    lines += [f"  {style.faint('note')}: {_sentence(note)}" for note in notes]
    where = report.at_fault(diagnostic)
    if where is not None:
        lines.append(f"  {style.faint(visible(where))}")
    return "\n".join(lines) + "\n"


def _sentence(text: str) -> str:
    return visible(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def _source(place: Place, report: Report, paint: object, style: Style) -> list[str]:
    if place.origin is Origin.DEFAULT:
        return [f"  {style.faint('-->')} schema default"]
    if place.origin is Origin.ENVIRONMENT and place.file is None:
        return []
    if place.override is not None:
        where, margin = f"override `{visible(place.override)}`", ""
    else:
        where, margin = str(place), str(place.line or "")
    lines = [f"  {style.faint('-->')} {where}"]
    span = source_span(place, report)
    if span is None:
        return lines
    line = span.line
    pad = " " * len(margin)
    # no more than is shown, since a line may be as long as a file
    shown = visible(line[:_MAX_WIDTH])[:_MAX_WIDTH]
    before = width(line[: span.start]) if span.start < _MAX_WIDTH else _MAX_WIDTH
    marks = " " * before + "^" * max(1, width(line[span.start : span.end][:_MAX_WIDTH]))
    bar = style.faint("|")
    lines += [f" {pad} {bar}", f" {style.faint(margin)} {bar} {shown}"]
    if before < _MAX_WIDTH:
        assert callable(paint)
        lines.append(f" {pad} {bar} {paint(marks[:_MAX_WIDTH])}")
    return lines
