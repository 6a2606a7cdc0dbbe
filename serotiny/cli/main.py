"""The command line: arguments in, exit status out."""

from __future__ import annotations

import logging
import os
import sys
from importlib import import_module

import click

from serotiny.cli.shells import VARIABLE
from serotiny.diagnostics import SerotinyError, did_you_mean
from serotiny.diagnostics.mask import mask_credentials

_COMMANDS = {
    "new": "serotiny.cli.new",
    "check": "serotiny.cli.check",
    "train": "serotiny.cli.train",
    "test": "serotiny.cli.test",
    "predict": "serotiny.cli.predict",
    "compile": "serotiny.cli.compile",
    "explain": "serotiny.cli.explain",
    "diff": "serotiny.cli.diff",
    "completion": "serotiny.cli.completion",
    "lsp": "serotiny.cli.lsp",
    "schema": "serotiny.cli.schema",
    "config": "serotiny.cli.config",
    "runs": "serotiny.cli.runs",
}

_WRONG_CALL = 2
_INTERRUPTED = 130


class _LazyGroup(click.Group):
    """Imports a command's module when the command is called: `check` pays for nothing else."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = import_module(module).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            close = did_you_mean(args[0], _COMMANDS)
            hint = f"; {close}" if close else ""
            raise click.UsageError(f"there is no command `{args[0]}`{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="serotiny", prog_name="serotiny")
@click.option("--verbose", is_flag=True, help="Say more, and show tracebacks.")
@click.option("--quiet", is_flag=True, help="Say nothing but what is wrong.")
@click.pass_context
def cli(context: click.Context, verbose: bool, quiet: bool) -> None:
    """Compile experiment configuration, then train, test or predict."""
    context.obj = {"verbose": verbose, "quiet": quiet}
    level = logging.DEBUG if verbose else logging.ERROR if quiet else logging.WARNING
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")


def _options_first(arguments: list[str]) -> list[str]:
    """Let `--verbose` and `--quiet` stand anywhere in a call."""
    options = [text for text in arguments if text in ("--verbose", "--quiet")]
    return [*dict.fromkeys(options), *(text for text in arguments if text not in options)]


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 nothing wrong; 1 the configuration has errors; 2 the call or the environment is wrong;
        3 the job itself failed.
    """
    given = _options_first(sys.argv[1:] if arguments is None else arguments)
    if VARIABLE in os.environ:
        from serotiny.cli.complete import answer

        return answer(given)
    verbose = "--verbose" in given
    try:
        status = cli.main(given, prog_name="serotiny", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        click.echo("aborted", err=True)
        return _INTERRUPTED
    except click.ClickException as error:
        error.show()
        return _WRONG_CALL
    except SerotinyError as error:
        if verbose:
            logging.getLogger("serotiny").exception("the command failed")
        click.echo(f"error: {mask_credentials(str(error))}", err=True)
        return error.exit_status
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        return _INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:  # a fault of ours: the one place where it is caught
        if verbose:
            raise
        text = f"internal error: {type(error).__name__}: {error}; run again with --verbose for the traceback"
        click.echo(text, err=True)
        return _WRONG_CALL
    return status if isinstance(status, int) else 0


if __name__ == "__main__":
    sys.exit(main())
