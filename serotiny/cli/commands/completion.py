"""`serotiny completion`: make the shell complete commands, flags, groups, options, keys and values."""

from __future__ import annotations

import os
from pathlib import Path

import click

from serotiny.cli.completion.shells import SHELL_NAMES, Shell, loading_line, shells
from serotiny.diagnostics import SerotinyError

_shell_argument = click.argument("shell", required=False, type=click.Choice(SHELL_NAMES))


@click.group("completion")
def command() -> None:
    """Complete with the Tab key, in bash, zsh and fish."""


@command.command("install")
@_shell_argument
def install(shell: str | None) -> int:
    """Install completion for SHELL (by default the one in $SHELL). Doing it again changes nothing."""
    found = _shell(shell)
    steps = [_write(found.script_file, found.script)]
    if found.start_file is not None:
        steps.append(_load(found, found.start_file))
    for step in steps:
        click.echo(step)
    click.echo(f"New {found.name} sessions complete `serotiny`.")
    return 0


@command.command("show")
@_shell_argument
def show(shell: str | None) -> int:
    """Print the script for SHELL (by default the one in $SHELL)."""
    click.echo(_shell(shell).script, nl=False)
    return 0


def _shell(name: str | None) -> Shell:
    chosen = name or Path(os.environ.get("SHELL", "")).name
    if chosen not in SHELL_NAMES:
        raise click.UsageError(f"name a shell: {', '.join(SHELL_NAMES)}")
    return shells(os.environ)[chosen]


def _write(file: Path, text: str) -> str:
    try:
        if file.is_file() and file.read_text("utf-8") == text:
            return f"{file} is up to date"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    except OSError as error:
        raise SerotinyError(f"{file} cannot be written: {error.strerror or error}") from error
    return f"wrote {file}"


def _load(shell: Shell, start_file: Path) -> str:
    line = loading_line(shell)
    try:
        text = start_file.read_text("utf-8") if start_file.is_file() else ""
        if line in text.splitlines():
            return f"{start_file} loads it already"
        separator = "" if not text or text.endswith("\n") else "\n"
        with start_file.open("a", encoding="utf-8") as stream:
            stream.write(f"{separator}{line}\n")
    except OSError as error:
        raise SerotinyError(f"{start_file} cannot be written: {error.strerror or error}") from error
    return f"added a line to {start_file}"
