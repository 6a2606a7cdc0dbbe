"""SER111: the values that settings of Hydra's refer to, of which Hydra reads some to start a job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from serotiny.compiler.hydra.declared import takes, wanted_at
from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.tree import Keys, Node, Unknown, every, join, select, walk
from serotiny.compiler.validation.hydra_node.early_folders import is_job_of_sweep, origins_of
from serotiny.diagnostics import Diagnostic
from serotiny.targets.value_types.words import kind_in_words, value_in_words

_BY_ALL: Final[tuple[Keys, ...]] = (
    ("output_subdir",),
    ("job", "name"),
    ("job", "chdir"),
    ("job", "env_set"),
    ("job", "env_copy"),
    ("callbacks",),
)
_BY_ONE_JOB: Final[tuple[Keys, ...]] = (("run", "dir"),)
_BY_SWEEPS: Final[tuple[Keys, ...]] = (("sweep", "dir"), ("sweep", "subdir"), ("sweeper",), ("launcher",))
"""The settings that Hydra reads, or hands to a plug-in."""

_WITHOUT_CONFIG: Final[Mapping[Keys, str]] = {
    ("job", "chdir"): "write `true` or `false`",
    ("job", "env_set"): "write the variables out",
}
"""The settings that Hydra reads from a copy of its node, in which the rest of the config is not there."""


def faults_of_referred_values(resolved: Resolved) -> Iterator[Diagnostic]:
    """SER111 for each interpolation whose value is of another type than Hydra's, or is not there when Hydra looks for it."""
    hydra, settings = resolved.hydra, resolved.composed.hydra
    if hydra is None or settings is None:
        return
    config = settings.call.built.config
    for part in (*_BY_ALL, *(_BY_SWEEPS if is_job_of_sweep(hydra) else _BY_ONE_JOB)):
        node = select(hydra, part)
        if node is None:
            continue
        if part in _WITHOUT_CONFIG and _needs_config(resolved, (HYDRA, *part)):
            key = join((HYDRA, *part))
            message = f"`{key}` cannot refer to the config, which Hydra has put aside when it reads this"
            yield Diagnostic("SER111", message, node.written_at, key, help=_WITHOUT_CONFIG[part])
            continue
        for keys, inner in walk(node):
            whole = (HYDRA, *part, *keys)
            if _is_referred(inner) and not takes(config, whole, inner.plain()):
                yield _of_other_type(whole, inner, wanted_at(config, whole))


def _needs_config(resolved: Resolved, keys: Keys) -> bool:
    """Whether a value comes from outside of Hydra's node."""
    return any(at[:1] != (HYDRA,) for at, _ in origins_of(resolved, keys))


def _is_referred(node: Node) -> bool:
    """Whether a value comes from an interpolation, and is known before the job."""
    return node.reference is not None and not isinstance(node.value, Unknown)


def _of_other_type(keys: Keys, node: Node, wanted: str | None) -> Diagnostic:
    value = node.plain()
    is_secret = any(inner.is_secret for inner in every(node))
    got = kind_in_words(value) if is_secret else value_in_words(value)
    message = f"`{join(keys)}` must be {wanted}, not {got}"
    fix = "refer to a value of that type, or write it out"
    return Diagnostic("SER111", message, node.written_at, join(keys), help=fix)
