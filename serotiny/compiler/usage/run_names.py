"""Check that each job of a sweep has a run name of its own."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.target_nodes import shown
from serotiny.compiler.tree import Node
from serotiny.diagnostics import Diagnostic

Swept = tuple[Resolved, tuple[str, ...]]
"""A job of a sweep, with its overrides as the sweeper spells them."""

_SHOWN = 3


def repeated_names(jobs: Sequence[Swept]) -> list[Diagnostic]:
    """SER402 for each run name that several jobs of a sweep have in one experiment.

    The message names the jobs by their swept values, and the help says how to put those values into the name.
    """
    holders: dict[tuple[Any, str], list[int]] = {}
    for index, (resolved, _) in enumerate(jobs):
        settings = _settings(resolved)
        name = settings["run_name"].value if "run_name" in settings else None
        uri = settings["tracking_uri"].value if "tracking_uri" in settings else None
        if isinstance(name, str) and uri is not None:
            experiment = settings["experiment_name"].value if "experiment_name" in settings else None
            holders.setdefault((experiment, unicodedata.normalize("NFC", name)), []).append(index)
    return [_fault(indices, jobs) for indices in holders.values() if len(indices) > 1]


def _fault(indices: list[int], jobs: Sequence[Swept]) -> Diagnostic:
    resolved, _ = jobs[indices[0]]
    named = _settings(resolved)["run_name"]
    swept = _swept([jobs[index][1] for index in indices])
    count = len(indices)
    name = shown(named)  # values from the environment are shown as written
    message = f"{count} jobs of the sweep have the run name `{name}`"
    listed = [_job(index, jobs[index][1], swept) for index in indices[:_SHOWN]]
    more = f" and {count - _SHOWN} more" if count > _SHOWN else ""
    if not swept:
        fix = "leave out the value that is given twice"
        notes = (f"{', '.join(listed)}{more} are the same",)
    else:
        keys = _listed(f"`{key}`" for key in swept)
        written = named.written or (named.reference.text if named.reference else name)
        longer = "-".join([written, *(_interpolation(key, resolved) for key in swept)])
        fix = f"use {keys} in it, as in `'++mlflow.run_name={longer}'`"
        notes = (f"{', '.join(listed)}{more} differ in {keys}, which the name does not use",)
    return Diagnostic(
        "SER402", message, named.written_at, "mlflow.run_name", help=fix, notes=notes, jobs=tuple(indices)
    )


def _settings(resolved: Resolved) -> dict[Any, Node]:
    node = resolved.root.get("mlflow")
    return dict(node.children()) if node is not None else {}


def _swept(keys: Sequence[tuple[str, ...]]) -> list[str]:
    """The keys whose values differ between the jobs."""
    values: dict[str, set[str]] = {}
    for texts in keys:
        for text in texts:
            key, _, value = text.partition("=")
            values.setdefault(key, set()).add(value)
    return [key for key, different in values.items() if len(different) > 1]


def _job(index: int, texts: tuple[str, ...], swept: list[str]) -> str:
    told = [text for text in texts if text.partition("=")[0] in swept]
    return f"job {index} (`{' '.join(told)}`)" if told else f"job {index}"


def _interpolation(key: str, resolved: Resolved) -> str:
    """The interpolation that makes a run name differ by a swept key: of its value, or of the option of a group."""
    path = key.lstrip("+").partition("@")[0]
    if path in resolved.composed.groups or "/" in path:
        return f"${{hydra:runtime.choices.{path}}}"
    return f"${{{path}}}"


def _listed(items: Iterable[str]) -> str:
    *first, last = items
    return f"{', '.join(first)} and {last}" if first else last
