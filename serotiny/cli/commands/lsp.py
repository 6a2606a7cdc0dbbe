"""`serotiny lsp`: the language server, for an editor that starts it."""

from __future__ import annotations

import click


@click.command("lsp")
@click.option("--stdio", is_flag=True, help="Speak over standard input and output; there is no other way.")
def command(stdio: bool) -> int:
    """Serve an editor over standard input and output (Language Server Protocol).

    Diagnostics after composition, completion, hover, definition, references, rename, quick fixes.
    """
    del stdio  # many editors pass it
    from serotiny.language_server.server import make_server

    make_server().start_io()
    return 0
