"""Render the page of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from serotiny.plain_config import join, leaves
from serotiny.report.html.elements import escaped
from serotiny.report.html.line_chart import line_chart
from serotiny.report.html.page import long_table, long_tiles, page, picture, section, table, tiles
from serotiny.report.html.runs.facts import RunFacts, chart_groups, text_of
from serotiny.tracking import layout
from serotiny.tracking.contents import RunContents

_MOST_CHARACTERS = 200_000
"""Of a text that a page shows: the changes of some thousand lines."""

_OF_THE_MACHINE = {
    "python": "Python",
    "platform": "platform",
    "host": "host",
    "cpus": "processors",
    "memory": "memory",
    "gpus": "GPUs",
    "cuda": "CUDA",
}


def render_run(run: RunContents) -> str:
    """The whole, self-contained page."""
    facts = RunFacts(run)
    parts = (
        _head(facts),
        section("Why it failed", _failure(run)),
        section("Final metrics", _metrics(facts)),
        section(
            "Curves",
            long_tiles(line_chart(name, curves) for name, curves in chart_groups(run.metrics).items()),
        ),
        section("Pictures", tiles(picture(name, png) for name, png in run.pictures.items())),
        section("Load the model", loading(run)),
        section("Configuration", _config(facts)),
        section("Source", source(facts)),
        section("Environment", _environment(facts)),
    )
    return page(run.run_name, "\n".join(part for part in parts if part))


def status(run: RunContents) -> str:
    """The status in its colour."""
    if run.is_abandoned:
        return '<span class="bad">no sign of life</span>'
    role = {"FINISHED": "good", "FAILED": "bad", "KILLED": "bad"}.get(run.status, "faint")
    return f'<span class="{role}">{escaped(run.status.lower())}</span>'


def _head(facts: RunFacts) -> str:
    run = facts.run
    rows = [
        ("run id", escaped(run.run_id)),
        ("experiment", escaped(run.experiment_name)),
        ("store", escaped(run.tracking_uri or "")),
        ("data", escaped(run.tags.get(layout.TAG_DATA, ""))),
        ("started", escaped(facts.started)),
        ("took", escaped(facts.duration)),
        ("command", f"<code>{escaped(facts.command)}</code>" if facts.command else ""),
    ]
    note = ""
    if not run.is_whole:
        note = (
            '<p class="faint">Earlier starts of this run were on another machine: '
            f"<code>serotiny report {escaped(run.run_name)}</code> shows all of its curves.</p>"
        )
    shown = table([row for row in rows if row[1]])
    return f"<header><h1>{escaped(run.run_name)}</h1><p>{status(run)}</p>{shown}{note}</header>"


def _failure(run: RunContents) -> str:
    error = run.tags.get(layout.TAG_ERROR, "")
    if run.status == "FINISHED" or not error:
        return ""
    trace = run.texts.get(layout.TRACEBACK)
    text, note = _shortened(trace or "")
    lines = escaped_lines(text)
    shown = f"<details><summary>traceback</summary><pre>{lines}</pre>{note}</details>" if trace else ""
    return f'<p class="bad">{escaped(error)}</p>{shown}'


def _metrics(facts: RunFacts) -> str:
    rows = [(escaped(name), f"{value:.6g}", str(step)) for name, (step, value) in facts.final_metrics.items()]
    return long_table(rows, ("metric", "value", "step"))


def loading(run: RunContents) -> str:
    """The Python code to load the model of a run; "" if a checkpoint or the config is not stored."""
    if run.tracking_uri is None or not run.has_checkpoint or layout.plan_path("train") not in run.texts:
        return ""
    code = (
        "from serotiny.ml_ops.mlflow_utils import load_model_from_checkpoint\n\n"
        f"model = load_model_from_checkpoint({run.tracking_uri!r}, {run.run_id!r})"
    )
    return f"<pre>{escaped_lines(code)}</pre>"


def _config(facts: RunFacts) -> str:
    config = facts.plan.get("logged_config")
    if not isinstance(config, dict):
        return ""
    chosen = [(escaped(group), escaped(option)) for group, option in sorted(facts.choices.items())]
    groups = [_group(name, value, facts) for name, value in config.items() if isinstance(value, dict | list)]
    plain = {name: value for name, value in config.items() if not isinstance(value, dict | list)}
    rest = table(list(_rows(plain, facts)))
    return table(chosen, ("group", "option")) + "".join(groups) + rest


def _group(name: str, value: Any, facts: RunFacts) -> str:
    rows = table(list(_rows({name: value}, facts)), ("key", "value", "set by"))
    return f"<details open><summary>{escaped(name)}</summary>{rows}</details>" if rows else ""


def _rows(config: Mapping[str, Any], facts: RunFacts) -> Iterator[tuple[str, str, str]]:
    for keys, value in leaves(config):
        if keys:
            name = join(keys)
            yield (
                escaped(name),
                f"<code>{escaped(text_of(value))}</code>",
                f'<span class="faint">{escaped(facts.origins.get(name, ""))}</span>',
            )


def source(facts: RunFacts) -> str:
    """The git commit, and whether there were uncommitted changes."""
    tags = facts.run.tags
    rows = [
        (label, escaped(tags[tag]))
        for label, tag in (
            ("commit", "mlflow.source.git.commit"),
            ("branch", "mlflow.source.git.branch"),
            ("uncommitted changes", "mlflow.source.git.dirty"),
        )
        if tag in tags
    ]
    return table(rows) + changes(facts.run)


def changes(run: RunContents) -> str:
    """The uncommitted changes, folded."""
    text = run.texts.get(layout.UNCOMMITTED, "")
    if not text.strip():
        return ""
    shown, note = _shortened(text)
    lines = "\n".join(_coloured(line) for line in shown.split("\n"))
    return f"<details><summary>what was not committed</summary><pre>{lines}</pre>{note}</details>"


def _shortened(text: str) -> tuple[str, str]:
    """The beginning of a text, and a note on the rest of it: a page with megabytes of text is slow in a browser."""
    rest = len(text) - _MOST_CHARACTERS
    if rest <= 0:
        return text, ""
    note = f'<p class="faint">{rest:,} more characters are not shown; the whole text is among the run\'s artifacts</p>'
    return text[:_MOST_CHARACTERS], note


def _coloured(line: str) -> str:
    role = {"+": "plus", "-": "minus"}.get(line[:1])
    return f'<span class="{role}">{escaped(line)}</span>' if role else escaped(line)


def _environment(facts: RunFacts) -> str:
    machine = [
        (label, escaped(text_of(facts.environment[key])))
        for key, label in _OF_THE_MACHINE.items()
        if facts.environment.get(key)
    ]
    packages = sorted(facts.packages.items(), key=lambda item: item[0].lower())
    listed = table([(escaped(name), escaped(version)) for name, version in packages])
    shown = f"<details><summary>{len(packages)} packages</summary>{listed}</details>" if packages else ""
    return table(machine) + shown


def escaped_lines(text: str | None) -> str:
    """Several lines of text, escaped for HTML."""
    return "\n".join(escaped(line) for line in (text or "").split("\n"))
