"""`serotiny lsp`: the language server, for an editor that starts it."""

from __future__ import annotations

import io
import sys
from typing import Any, BinaryIO, Final, cast

import click

_LONGEST_HEADER: Final = 1_000
_LARGEST_MESSAGE: Final = 50_000_000


@click.command("lsp")
@click.option("--stdio", is_flag=True, help="Speak over standard input and output; there is no other way.")
def command(stdio: bool) -> int:
    """Serve an editor over standard input and output (Language Server Protocol).

    Diagnostics after composition, completion, hover, definition, references, rename, quick fixes.
    """
    del stdio  # many editors pass it
    from serotiny.language_server.server import make_server

    make_server().start_io(cast("BinaryIO", BoundedInput(sys.stdin.buffer)))
    return 0


class BoundedInput(io.RawIOBase):
    """Messages as they come in. One whose header or length nobody can mean ends the input, as a closed pipe does."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1) -> bytes:  # type: ignore[override]
        """One header, with its end; nothing where it is longer than any."""
        del size
        line = self._stream.readline(_LONGEST_HEADER)
        return line if line.endswith(b"\n") else b""

    def read(self, size: int = -1) -> Any:
        """The body of a message; nothing where it is larger than any."""
        return self._stream.read(size) if 0 <= size <= _LARGEST_MESSAGE else b""
