"""Run one command, and turn whatever it raises into an exit status."""

from __future__ import annotations

import logging
import sys
from types import MappingProxyType

import click

from serotiny.cache.parts import Parts
from serotiny.cli.app import cli
from serotiny.cli.neutral import error_line, neutral_streams
from serotiny.diagnostics import SerotinyError, closest

_WRONG_CALL = 2


_NOT_NEUTRALISED = frozenset({"train", "test", "predict", "lsp", "new"})
"""Commands whose output is not filtered: the project's code, a protocol, or questions to the user."""


def _takes_overrides(error: click.UsageError) -> bool:
    command = error.ctx.command if error.ctx is not None else None
    return command is not None and any(item.name in ("overrides", "arguments") for item in command.params)


def dispatch(given: list[str], parts: Parts | None = None) -> int:
    """Run one command; returns the exit status, see `main`.

    Args:
        given: the arguments.
        parts: of what an earlier call of the same arguments found, where answers are remembered.
    """
    words = [text for text in given if not text.startswith("-")]
    if words[:1] and words[0] in _NOT_NEUTRALISED:
        return _dispatch(given, parts)
    is_github = "github" in given or "--format=github" in given
    with neutral_streams(keep_commands=is_github):
        return _dispatch(given, parts)


_OF_OPERATIONS = frozenset({"plan", "cfg", "info", "rehearse"})

_SHORT_IN_HYDRA = MappingProxyType({"-cn": "config-name", "-cp": "config-path", "-cd": "config-dir"})
"""Options of Hydra's that are read as `-c` with a value."""


def _instead(option: str) -> str:
    """What to write in place of an option that a command with overrides has not."""
    if option in ("m", "multirun"):
        return "This command is of one job: give it the overrides of one, without a sweep."
    if option in _OF_OPERATIONS:
        return f"`--{option}` is an option of `serotiny train`, `test` and `predict`."
    if option in ("config-dir", "config-path"):
        return "`--config-dir` names the folder of the configs."
    if option == "config-name":
        return "Each operation starts from the config of its own name; `--config-dir` names another folder."
    if "." in option:
        return f"A value of the config is set without dashes: `{option}=…`."
    return (
        "A value of the config is set by its whole key, without dashes, as in `trainer.max_epochs=3`, "
        "and an option of a group is chosen as in `model=OPTION`."
    )


def _with_close_options(error: click.NoSuchOption) -> click.NoSuchOption:
    """The error with those of click's suggestions alone that differ in a letter or two."""
    close = [name for name in error.possibilities or () if closest(error.option_name, [name], cutoff=0.75)]
    return click.NoSuchOption(error.option_name, error.message, close, error.ctx)


def _dispatch(given: list[str], parts: Parts | None) -> int:
    verbose = "--verbose" in given
    try:
        status = cli.main(given, prog_name="serotiny", standalone_mode=False, obj=parts)
        if not sys.stdout.closed:  # a language server closes it
            sys.stdout.flush()
    except click.exceptions.Abort as abort:
        raise KeyboardInterrupt from abort
    except click.ClickException as error:
        shown = _with_close_options(error) if isinstance(error, click.NoSuchOption) else error
        shown.show()
        if isinstance(error, click.NoSuchOption) and _takes_overrides(error):
            click.echo(_instead(error.option_name.lstrip("-")), err=True)
        elif isinstance(error, click.BadParameter):
            for word in set(given) & _SHORT_IN_HYDRA.keys():
                click.echo(_instead(_SHORT_IN_HYDRA[word]), err=True)
        return _WRONG_CALL
    except SerotinyError as error:
        if verbose:
            logging.getLogger("serotiny").exception("the command failed")
        click.echo(error_line(str(error)), err=True)
        return error.exit_status
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:  # a bug of serotiny's: the only place where one is caught
        if verbose:
            raise
        text = f"{type(error).__name__}: {error}; run again with --verbose for the traceback"
        click.echo(error_line(text).replace("error", "internal error", 1), err=True)
        return _WRONG_CALL
    return status if isinstance(status, int) else 0
