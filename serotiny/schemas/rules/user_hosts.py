"""The hosts that the user names: in the project's table, and in the environment, without what a project adds to that."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Final

from serotiny.schemas.rules.locations import host_of

ADDED_NAMES: Final = "SEROTINY_ADDED_VARIABLES"
"""The variable with the names of those that the user has not set, also for the processes of a launcher."""

_of_project: set[str] = set()


def trust_hosts(hosts: Collection[str]) -> None:
    """Take these for the hosts that the table of this process's project names, instead of any before."""
    _of_project.clear()
    _of_project.update(hosts)


def user_hosts() -> tuple[str, ...]:
    """The hosts of the project's table, and that of the store that the environment names."""
    named = host_of(user_environment().get("MLFLOW_TRACKING_URI", ""))
    return (*sorted(_of_project), *([named] if named else []))


def add_variables(variables: Mapping[str, str]) -> None:
    """Set variables that the user has not, as a project's own files give them: they are read, and make no host trusted."""
    if variables:
        names = {*os.environ.get(ADDED_NAMES, "").split(), *variables}
        os.environ.update(variables)
        os.environ[ADDED_NAMES] = " ".join(sorted(names))


def user_environment() -> dict[str, str]:
    """The environment as the user set it."""
    added = {ADDED_NAMES, *os.environ.get(ADDED_NAMES, "").split()}
    return {name: value for name, value in os.environ.items() if name not in added}
