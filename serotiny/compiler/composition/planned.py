"""The config of a plan that was read from a file: its values, each with its place in that file, and what was edited."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

from serotiny.compiler.overrides.argument import parse_arguments
from serotiny.compiler.plan.plan import Plan, identity_of
from serotiny.compiler.tree import Node
from serotiny.credentials.detection import mask_source, was_masked
from serotiny.diagnostics import Diagnostic


def planned_tree(value: Any, written: Node) -> Node:
    """A plain value as a tree.

    Args:
        value: what the plan holds.
        written: the same in the text of the plan, whose places are taken; what it lacks has the place of its parent.
    """

    def child(key: Any, item: Any) -> Node:
        found = written.value[key] if written.is_list and key < len(written.value) else written.get(key)
        return planned_tree(item, Node(None, written.place) if found is None else found)

    if isinstance(value, dict):
        tree: Any = {key: child(key, item) for key, item in value.items()}
    elif isinstance(value, list):
        tree = [child(index, item) for index, item in enumerate(value)]
    else:
        tree = value
    return Node(tree, written.place, written.key_place)


_OF_A_SWEEP = frozenset({"launcher", "mode", "searchpath", "sweep", "sweeper"})
"""Settings of Hydra's that say nothing of a single job that is composed already."""


def settings_of(plan: Plan) -> tuple[str, ...]:
    """The overrides of a plan that tell Hydra how its job runs (`hydra.run.dir`), which count wherever it runs."""
    typed = [item for item in parse_arguments(plan.overrides)[0] if item.is_hydra]
    return tuple(
        item.text
        for item in typed
        if _setting(item.parsed.key_or_group) not in _OF_A_SWEEP and not was_masked(item.parsed.value)
    )


def _setting(key_or_group: str) -> str:
    """The first key or group below Hydra's own."""
    return re.split(r"[./]", key_or_group)[1]


def edits(plan: Plan, written: Node, file: str) -> Iterator[Diagnostic]:
    """SER410 where a plan does not fit its own `identity` or `run_name`, so that it was changed after it was compiled.

    Args:
        plan: as read.
        written: the tree of its text.
        file: that it was read from.
    """
    # values of a running job are in the config that it recorded, and no part of its identity
    if not plan.job_keys and plan.identity != identity_of(plan.logged_config):
        typed = [mask_source(text).text for text in plan.overrides]
        command = shlex.join(["serotiny", "compile", plan.operation, *typed, "-o", file])
        yield Diagnostic(
            "SER410",
            "the config of this plan was changed after it was compiled: `identity` is that of another one",
            (written.get("identity") or written).place,
            help=f"compile it again: `{command}`; to run it as it is now, take the line `identity` out of it",
        )
    mlflow = plan.logged_config.get("mlflow") or {}
    if not isinstance(mlflow, dict):
        return  # which its schema tells
    named = mlflow.get("run_name")
    if plan.run_name != named and not (isinstance(named, str) and "${" in named):
        yield Diagnostic(
            "SER410",
            f"this plan has two run names: `run_name` is {_shown(plan.run_name)}, and that of its config "
            f"{_shown(named)}",
            (written.get("run_name") or written).place,
            help="write the same one in both places",
        )


def _shown(name: Any) -> str:
    return "null" if name is None else f"`{name}`"
