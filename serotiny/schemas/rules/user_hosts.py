"""The hosts that the user names: in the project's table, and in the environment."""

from __future__ import annotations

import os
from collections.abc import Collection

from serotiny.schemas.rules.locations import host_of

_of_project: set[str] = set()


def trust_hosts(hosts: Collection[str]) -> None:
    """Take these for the hosts that the table of this process's project names, instead of any before."""
    _of_project.clear()
    _of_project.update(hosts)


def user_hosts() -> tuple[str, ...]:
    """The hosts of the project's table, and that of the store that the environment names."""
    named = host_of(os.environ.get("MLFLOW_TRACKING_URI", ""))
    return (*sorted(_of_project), *([named] if named else []))
