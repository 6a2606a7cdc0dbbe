"""What docs/ says of keys and defaults is what the schemas say."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import click

from serotiny.cli.app import cli
from serotiny.compiler import limits as compiler_limits
from serotiny.compiler.project.table import KEYS
from serotiny.diagnostics.rules import RULES
from serotiny.schemas.mlflow import MlflowConfig
from serotiny.schemas.operations import OPERATION_SCHEMAS
from tests.lint.reference_pages import FOLDER, pages

DOCS = Path(__file__).parents[2] / "docs"


def rows(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, without its head."""
    section = (DOCS / page).read_text("utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_mlflow_keys_are_documented_with_their_defaults() -> None:
    """The table of the `mlflow` group has each key of its schema, in order, with its default."""
    defaults = {
        key: json.dumps(value).strip('"') for key, value in MlflowConfig().model_dump(mode="json").items()
    }

    documented = {key.strip("`"): default.strip("`") for key, default, _ in rows("groups.md", "`mlflow`")}

    assert list(defaults.items()) == list(documented.items())


def test_root_keys_are_documented() -> None:
    """The table of the root, with that of the groups, has each key that an operation reads."""
    groups = {"data", "model", "trainer", "mlflow"}
    fields = {key for schema in OPERATION_SCHEMAS.values() for key in schema.model_fields}

    documented = {key for first, *_ in rows("groups.md", "The root") for key in re.findall(r"`(\w+)`", first)}

    assert fields - groups == documented


def test_keys_of_the_table_are_documented() -> None:
    """The example of a `[tool.serotiny]` table has each key that the table takes."""
    example = (DOCS / "projects.md").read_text("utf-8").split("\n## The table\n")[1]

    documented = set(re.findall(r"^(?:\[tool\.serotiny\.)?([\w-]+)(?: =|\])", example, re.MULTILINE))

    assert set() == set(KEYS) - documented


def test_limits_of_configs_are_documented() -> None:
    """The table has each limit of the module, in order, in its words, and beyond it a code that there is."""
    limits = ast.parse(Path(compiler_limits.__file__).read_text("utf-8")).body
    expected = [
        (
            " ".join(str(text.value.value).split()).rstrip("."),
            f"{getattr(compiler_limits, limit.target.id):,}",
        )
        for limit, text in pairwise(limits)
        if isinstance(limit, ast.AnnAssign) and isinstance(limit.target, ast.Name)
        if isinstance(getattr(compiler_limits, limit.target.id), int)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
    ]

    page = (DOCS / "security.md").read_text("utf-8").split("### Limits of configs and calls\n")[1]
    lines = re.findall(r"^\| (.+) \| ([\d,]+) \| (.+) \|$", page.split("\n### ")[0], re.MULTILINE)

    assert expected == [(what, value) for what, value, _ in lines]
    assert set(re.findall(r"SER\d+", "".join(beyond for *_, beyond in lines))) <= set(RULES)


def test_pages_of_what_is_built_in_are_current() -> None:
    """Each class that a config may name of serotiny has its page, as signature and docstring say now (`make docs`)."""
    written = {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()}

    assert pages() == written


def test_what_is_built_in_takes_no_keys_that_its_source_does_not_name() -> None:
    """Each block to copy names all parameters; a source that cannot be read to its end would let any misspelt key pass."""
    assert [] == [name for name, page in pages().items() if "which its source does not name" in page]


def test_flags_are_documented() -> None:
    """The table of flags has each one of each command, in a row that names the command; it has no others."""
    table = rows("commands.md", "Flags")
    shown = dict.fromkeys(_flags(cli, ""))

    missing = [
        (command, flag)
        for command, flag in shown
        if not any(
            f"`{flag}" in flags
            and (where.startswith("all") or f"`{command}`" in where or f"`{command.split()[0]}`" in where)
            for flags, where, _ in table
        )
    ]
    written = {flag for flags, _, _ in table for flag in re.findall(r"`(--[a-z-]+)", flags)}
    assert ([], {flag for _, flag in shown}) == (missing, written)


def _flags(command: click.Command, path: str) -> Iterator[tuple[str, str]]:
    """The flags that a command shows, and those of the commands below it, each with the command's name."""
    shown = (item for item in command.params if isinstance(item, click.Option) and not item.hidden)
    yield from ((path or "serotiny", max(item.opts, key=len)) for item in shown)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from _flags(below, f"{path} {name}".strip())
