"""`serotiny lsp`: the language server, for an editor that starts it."""

from __future__ import annotations

import io
import logging
import sys
from typing import Any, BinaryIO, Final, cast

import click

from serotiny.cli.neutral import neutral

_LONGEST_HEADER: Final = 1_000
_MOST_HEADERS: Final = 100
_LARGEST_MESSAGE: Final = 50_000_000


@click.command("lsp")
@click.option("--stdio", is_flag=True, help="Speak over standard input and output; there is no other way.")
@click.pass_context
def command(context: click.Context, stdio: bool) -> int:
    """Serve an editor over standard input and output (Language Server Protocol).

    Diagnostics after composition, completion, hover, definition, references, rename, quick fixes.
    """
    del stdio  # many editors pass it
    from serotiny.language_server.server import make_server

    if not context.obj["verbose"]:
        _log_in_lines()
    make_server().start_io(bounded(sys.stdin.buffer))
    return 0


def bounded(stream: BinaryIO) -> BinaryIO:
    """The messages of a stream, within what an editor sends."""
    return cast("BinaryIO", _BoundedInput(stream))


class _BoundedInput(io.RawIOBase):
    """Messages as they come in. One whose headers or length nobody can mean ends the input, as a closed pipe does."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._headers = 0

    def readline(self, size: int | None = -1) -> bytes:
        """One header, with its end; nothing where it is longer than any, or there are more than any has."""
        del size
        self._headers += 1
        line = self._stream.readline(_LONGEST_HEADER)
        return line if line.endswith(b"\n") and self._headers <= _MOST_HEADERS else b""

    def read(self, size: int = -1) -> Any:
        """The body of a message; nothing where it is larger than any."""
        self._headers = 0
        return self._stream.read(size) if 0 <= size <= _LARGEST_MESSAGE else b""


def _log_in_lines() -> None:
    """Let an editor's log say what an odd message was, and not where in the server that was met."""
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine("%(levelname)s: %(message)s"))
    logger = logging.getLogger("pygls")
    logger.addHandler(handler)
    logger.propagate = False


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        text = self._fmt % {"levelname": record.levelname.lower(), "message": record.getMessage()}  # type: ignore[operator]
        reason = f": {type(error).__name__}: {error}" if error is not None else ""
        # some messages are a traceback themselves
        return neutral(f"{text}{reason}".partition("Traceback (most recent call last)")[0].replace("\n", " "))
