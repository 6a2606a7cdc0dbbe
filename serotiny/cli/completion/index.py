"""Compute the indexes that completion answers from; this needs the compiler."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from serotiny.cli.app import cli
from serotiny.compiler.composition.compose import compose
from serotiny.compiler.project import Project
from serotiny.compiler.queries.known_keys import KnownKey, KnownKeys, choices_of
from serotiny.compiler.resolution.resolve import resolve
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.tree import Node, join, select, walk
from serotiny.compiler.validation.validate import Validator
from serotiny.diagnostics import RULES


def index_commands() -> dict[str, Any]:
    """Every command with its options, as plain data."""
    tree = _command(cli, click.Context(cli, info_name="serotiny"))
    if "explain" in tree["commands"]:
        tree["commands"]["explain"]["codes"] = {code: rule.name for code, rule in RULES.items()}
    return tree


def _command(command: click.Command, context: click.Context) -> dict[str, Any]:
    commands: dict[str, Any] = {}
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                commands[name] = _command(inner, click.Context(inner, info_name=name, parent=context))
    parameters = command.get_params(context)
    options = [_option(item) for item in parameters if isinstance(item, click.Option)]
    arguments = [item for item in parameters if isinstance(item, click.Argument)]
    return {
        "help": command.get_short_help_str(),
        "options": options,
        "commands": commands,
        "choices": [choice for item in arguments for choice in _choices(item)],
    }


def _option(option: click.Option) -> dict[str, Any]:
    return {
        "names": [*option.opts, *option.secondary_opts],
        "help": (option.help or "").partition(". ")[0],
        "takes_value": not option.is_flag and not option.count,
        "choices": _choices(option),
    }


def _choices(parameter: click.Parameter) -> list[str]:
    return (
        [str(choice) for choice in parameter.type.choices] if isinstance(parameter.type, click.Choice) else []
    )


def index_config(
    project: Project, operation: str, overrides: Sequence[str]
) -> tuple[dict[str, Any], list[str]]:
    """The groups and keys of a config under `overrides`.

    Returns:
        Plain data, and the Python sources that it depends on.
    """
    sources = Sources(project)
    validator = Validator.of_project(project)
    composed = compose(sources, operation, overrides, registered=validator.code.resolvers.registered)
    root = resolve(composed, registered=validator.code.resolvers.registered).root
    known_keys = KnownKeys(validator.reader)
    keys: dict[str, Any] = {}
    more: dict[str, Any] = {}
    files: set[str] = set()
    for path, node in walk(root):
        if any(isinstance(step, int) for step in path):
            continue
        if path:
            known = known_keys.at(root, operation, path)
            keys[join(path)] = _row(node, known)
        signature = known_keys.signature(node)
        if signature is not None and signature.file is not None:
            files.add(signature.file)
        for known in known_keys.under(root, operation, path):
            name = join((*path, known.name))
            if select(root, (*path, known.name)) is None:
                more[name] = _row(None, known)
    groups = {
        group: {"options": list(sources.options(group)), "is_chosen": group in composed.choices}
        for group in sources.groups()
        if group != "hydra" and not group.startswith("hydra/")
    }
    return {"keys": {**keys, **more}, "groups": groups}, sorted(files)


def _row(node: Node | None, known: KnownKey | None) -> dict[str, Any]:
    text = (
        f"{known.type} · {known.doc}" if known is not None and known.doc else str(known.type) if known else ""
    )
    return {
        "help": text,
        "choices": list(choices_of(known.type)) if known is not None else [],
        "is_set": node is not None,
        "is_mapping": node is not None and node.is_mapping and bool(node.value),
    }
