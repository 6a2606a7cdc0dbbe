"""SER503: no credential is written out in a config, or stands in a name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.tree import Keys, Node, join, select, walk
from serotiny.credentials.detection import credential_in, names_secret
from serotiny.diagnostics import Diagnostic

_NAMES: Final = (("mlflow", "run_name"), ("mlflow", "experiment_name"))
"""What is stored and shown as it is."""


def check_secret(context: CheckContext) -> Iterator[Diagnostic]:
    """Each literal credential, where it is written, and names that are made of one.

    What else comes from the environment is kept out of what is stored.
    """
    yield from _in_names(context)
    yield from written_secrets(context.root)


def written_secrets(root: Node, above: Keys = ()) -> Iterator[Diagnostic]:
    """SER503 for each literal credential in a tree that lies at `above`."""
    for below, node in walk(root):
        keys = (*above, *below)
        # what another key holds is told there, unless a part of it is written here
        written = node.value if node.reference is None else node.reference.text
        kind = credential_in(keys[-1], written) if keys else None
        if kind is not None:
            yield Diagnostic(
                "SER503",
                f"`{join(keys)}` holds {kind}",
                node.written_at,
                join(keys),
                help=f"keep it in the environment and write `${{oc.env:{_variable(keys)}}}`",
                notes=(
                    "configs are committed, printed and logged; if this one was shared, change the credential",
                ),
            )


def _variable(keys: Keys) -> str:
    """What to call the variable of the environment that holds what stands at a key."""
    if keys[:-1] == ("hydra", "job", "env_set"):
        return str(keys[-1])
    return "_".join(str(key).upper() for key in keys[-2:] if isinstance(key, str))


def _in_names(context: CheckContext) -> Iterator[Diagnostic]:
    for keys in _NAMES:
        node = select(context.root, keys)
        if node is not None:
            yield from secret_in_name(join(keys), node)


def secret_in_name(
    key: str, node: Node, shown: str = "names are stored and shown as they are"
) -> Iterator[Diagnostic]:
    """SER503 for what is shown (`shown` says how) and is made of a variable which is called as credentials are."""
    reference = node.reference
    secret = next(filter(names_secret, sorted(reference.variables)), None) if reference is not None else None
    if reference is not None and secret is not None:
        message = f"`{key}` is made of `{secret}`, and {shown}"
        fix = "make it of something that everybody may read"
        yield Diagnostic("SER503", message, reference.place, key, help=fix)
