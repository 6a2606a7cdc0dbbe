"""SER503: no credential is written out in a config."""

from __future__ import annotations

from collections.abc import Iterator

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.tree import join, walk
from serotiny.credentials.detection import credential_in
from serotiny.diagnostics import Diagnostic


def check_secret(context: CheckContext) -> Iterator[Diagnostic]:
    """Each literal credential, where it is written; what comes from the environment is none."""
    for keys, node in walk(context.root):
        # what another key holds is told there, unless a part of it is written here
        written = node.value if node.reference is None else node.reference.text
        kind = credential_in(keys[-1], written) if keys else None
        if kind is not None:
            variable = "_".join(str(key).upper() for key in keys[-2:] if isinstance(key, str))
            yield Diagnostic(
                "SER503",
                f"`{join(keys)}` holds {kind}",
                node.written_at,
                join(keys),
                help=f"keep it in the environment and write `${{oc.env:{variable}}}`",
                notes=(
                    "configs are committed, printed and logged; if this one was shared, change the credential",
                ),
            )
