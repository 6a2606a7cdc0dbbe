"""`serotiny explain`: one key, the whole config, or a code."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from serotiny.cli.options import format_option, open_project, project_options
from serotiny.diagnostics import RULES, Origin, Rule, Stage
from serotiny.diagnostics.counts import first_of
from serotiny.diagnostics.rules import CODES_THERE_ARE
from serotiny.diagnostics.suggestions import as_question, closest
from serotiny.schemas.names import OPERATIONS

_CODE = re.compile(r"[A-Za-z]{3}\d+")
_SLIP_IN_A_CODE = 0.9
"""How similar a code must be: codes of other faults differ in a digit."""


_SHOWN = 8


@dataclass(frozen=True)
class _Question:
    """What the arguments ask about: a key (None: all keys) of one job."""

    key: str | None
    operation: str
    overrides: tuple[str, ...]


@click.command("explain")
@click.argument("arguments", nargs=-1, metavar="[KEY|CODE] [train|test|predict] [OVERRIDE]...")
@format_option(("text", "json"), "How to answer.")
@project_options
def command(
    arguments: tuple[str, ...], output_format: str, config_dir: Path | None, trusted: tuple[str, ...]
) -> int:
    """Say what a key's value is, what it means, and every place that set it.

    Without KEY: the whole config, each value with its origin. With a code such as SER201: its rule.
    Values that come from the environment are never shown.
    """
    as_json = output_format == "json"
    if len(arguments) == 1 and _CODE.fullmatch(arguments[0]):
        return _explain_code(arguments[0].upper(), as_json)
    return _explain_config(_question(arguments), as_json, config_dir, trusted)


def _question(arguments: tuple[str, ...]) -> _Question:
    """Parse the arguments; a key may have the name of an operation (`explain test train`)."""
    rest = list(arguments)
    key = None
    names_key = rest and not _is_override(rest[0])
    if names_key and (rest[0] not in OPERATIONS or (len(rest) > 1 and rest[1] in OPERATIONS)):
        key = rest.pop(0)
    operation = rest.pop(0) if rest and rest[0] in OPERATIONS else "train"
    for text in rest:
        if not _is_override(text):
            raise click.UsageError(f"`{text}` is no override: write KEY, then an operation, then overrides")
    return _Question(key, operation, tuple(rest))


def _is_override(text: str) -> bool:
    return "=" in text or text.startswith(("~", "+"))


def _explain_code(code: str, as_json: bool) -> int:
    rule: Rule | None = RULES.get(code)
    if rule is None:
        same = [other for other in RULES if other.startswith(code)]
        meant = closest(code, RULES, _SLIP_IN_A_CODE)
        if same:
            hint = f"those that begin so are {', '.join(same)}"
        else:
            hint = as_question(meant) if meant else CODES_THERE_ARE
        click.echo(f"error: there is no code `{code}`; {hint}", err=True)
        return 1
    if as_json:
        from serotiny.report.explain.json import render_rule_json

        sys.stdout.write(render_rule_json(rule))
    else:
        sys.stdout.write(f"{rule.text.strip()}\n")
    return 0


def _explain_config(
    question: _Question, as_json: bool, config_dir: Path | None, trusted: tuple[str, ...]
) -> int:
    from serotiny.api.compilation import Compilation
    from serotiny.cli.faults import tell_faults
    from serotiny.compiler.compile import Compiler
    from serotiny.compiler.queries.explain import UnknownKey, explain_key, explain_tree
    from serotiny.compiler.queries.known_keys import KnownKeys
    from serotiny.compiler.sources.sources import Sources
    from serotiny.compiler.validation.validate import Validator
    from serotiny.report.explain.json import render_explanation_json, render_tree_json
    from serotiny.report.explain.text import render_explanation, render_tree
    from serotiny.report.report import Report
    from serotiny.report.terminal import style_for

    project = open_project(config_dir, trusted)
    validator = Validator.of_project(project)
    job = Compiler(Sources(project), validator).compile_job(question.operation, question.overrides)
    refused = [found for found in job.diagnostics if found.is_error and found.place.origin is Origin.OVERRIDE]
    if any(found.stage is Stage.COMPOSE for found in refused):
        tell_faults(Compilation((job,), tuple(refused), project=project))
        return 1
    if question.key is None:
        rows = explain_tree(job)
        style = style_for(sys.stdout)
        sys.stdout.write(render_tree_json(question.operation, rows) if as_json else render_tree(rows, style))
        return 0
    found = explain_key(job, KnownKeys(validator.reader), question.key)
    if isinstance(found, UnknownKey):
        hint = f"; there is {_some(found.beside)}" if found.beside else ""
        if found.suggestion:
            hint = f"; {as_question(found.suggestion)}"
        if question.key.partition(".")[0] == "hydra":
            hint = f"; `serotiny {question.operation} --cfg hydra` prints Hydra's own settings"
        click.echo(f"error: `{question.operation}` has no key `{found.key}`{hint}", err=True)
        return 1
    report = Report(jobs=1, diagnostics=job.diagnostics, root=project.root)
    sys.stdout.write(
        render_explanation_json(found)
        if as_json
        else render_explanation(found, report.source_line, style_for(sys.stdout))
    )
    return 0


def _some(keys: tuple[str, ...]) -> str:
    return first_of([f"`{key}`" for key in keys], _SHOWN)
