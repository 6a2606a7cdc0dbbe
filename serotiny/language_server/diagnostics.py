"""Diagnostics in the form of the protocol."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types as lsp

from serotiny.credentials.masking import mask_credentials
from serotiny.diagnostics import Diagnostic, Severity
from serotiny.language_server.positions import Positions
from serotiny.language_server.session import Session

SOURCE = "serotiny"


def as_protocol(session: Session, diagnostic: Diagnostic, positions: Positions) -> lsp.Diagnostic:
    """One diagnostic; its text holds the help, the notes, and the option that it depends on."""
    lines = [diagnostic.message]
    if diagnostic.help:
        lines.append(f"help: {diagnostic.help}")
    lines += [f"note: {note}" for note in diagnostic.notes]
    choice = session.only_with(diagnostic)
    if choice is not None:
        lines.append(f"note: with `{choice}`")
    is_error = diagnostic.severity is Severity.ERROR
    return lsp.Diagnostic(
        range=positions.range_of(diagnostic.place),
        message=mask_credentials("\n".join(lines)),
        severity=lsp.DiagnosticSeverity.Error if is_error else lsp.DiagnosticSeverity.Warning,
        code=diagnostic.code,
        source=SOURCE,
    )


def file_diagnostics(
    session: Session, encoding: str, only_fresh: Path | None = None
) -> dict[Path, list[lsp.Diagnostic]]:
    """The diagnostics of each file, with columns as the client counts them."""
    found: dict[Path, list[lsp.Diagnostic]] = {}
    for path, diagnostics in session.diagnostics(only_fresh).items():
        positions = Positions(session.document(path).text, encoding)
        found[path] = [as_protocol(session, diagnostic, positions) for diagnostic in diagnostics]
    return found
