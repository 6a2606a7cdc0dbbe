"""The command line: arguments in, exit status out."""

from __future__ import annotations

import logging
import os
import sys

import click

from serotiny.cli.app import cli, options_first
from serotiny.cli.completion.shells import VARIABLE
from serotiny.credentials.masking import mask_credentials
from serotiny.diagnostics import SerotinyError

_WRONG_CALL = 2
_INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 nothing wrong; 1 the configuration has errors; 2 the call or the environment is wrong;
        3 the job itself failed.
    """
    given = options_first(sys.argv[1:] if arguments is None else arguments)
    if VARIABLE in os.environ:
        from serotiny.cli.completion.answer import answer

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
