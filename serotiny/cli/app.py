"""The command line's group of commands, each imported when it is called."""

from __future__ import annotations

import logging
from importlib import import_module

import click

from serotiny.diagnostics import did_you_mean

_COMMANDS = {  # the module of each, and its attribute where that is not `command`
    "new": "serotiny.cli.commands.new",
    "init": "serotiny.cli.commands.init",
    "check": "serotiny.cli.commands.check",
    "train": "serotiny.cli.commands.operation:train",
    "test": "serotiny.cli.commands.operation:test",
    "predict": "serotiny.cli.commands.operation:predict",
    "rehearse": "serotiny.cli.commands.rehearse",
    "compile": "serotiny.cli.commands.compile",
    "explain": "serotiny.cli.commands.explain",
    "diff": "serotiny.cli.commands.diff",
    "completion": "serotiny.cli.commands.completion",
    "lsp": "serotiny.cli.commands.lsp",
    "schema": "serotiny.cli.commands.schema",
    "config": "serotiny.cli.commands.config",
    "runs": "serotiny.cli.commands.runs",
    "report": "serotiny.cli.commands.report",
    "data": "serotiny.cli.commands.data",
}


_GROUPS = ("check", "runs", "schema", "data", "completion")
"""The commands that are groups of others."""


_CALLED_ELSEWHERE = {
    "fit": "train",
    "resume": "train",
    "run": "train",
    "eval": "test",
    "evaluate": "test",
    "infer": "predict",
    "inference": "predict",
    "validate": "check config",
    "lint": "check config",
    "help": "--help",
    "version": "--version",
}


class _LazyGroup(click.Group):
    """Imports a command's module when the command is called, so that `check` does not import the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        name, _, attribute = module.partition(":")
        command: click.Command = getattr(import_module(name), attribute or "command")
        return command

    def _meant(self, ctx: click.Context, name: str) -> str | None:
        """The command that is called otherwise elsewhere, that of a group that has this name, or one with the closest."""
        if name in _CALLED_ELSEWHERE:
            return f"it is `{_CALLED_ELSEWHERE[name]}` here"
        for group in _GROUPS:
            found = self.get_command(ctx, group)
            if isinstance(found, click.Group) and name in found.commands:
                return f"did you mean `{group} {name}`?"
        return did_you_mean(name, _COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            hint = f"; {meant}" if (meant := self._meant(ctx, args[0])) is not None else ""
            raise click.UsageError(f"there is no command `{args[0]}`{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="serotiny", prog_name="serotiny")
@click.option("--verbose", is_flag=True, help="Say more, and show tracebacks.")
@click.option("--quiet", is_flag=True, help="Say nothing but what is wrong.")
@click.pass_context
def cli(context: click.Context, verbose: bool, quiet: bool) -> None:
    """Compile experiment configuration, then train, test or predict."""
    context.obj = {"verbose": verbose, "quiet": quiet, "parts": context.obj}
    level = logging.DEBUG if verbose else logging.ERROR if quiet else logging.WARNING
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
