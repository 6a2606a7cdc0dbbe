"""The environment variables with which a project's configs are read."""

from __future__ import annotations

import os
from collections.abc import Mapping

from serotiny.compiler.project.project import Project
from serotiny.filesystem import is_file
from serotiny.reads import note_variable
from serotiny.schemas.rules.user_hosts import ADDED_NAMES


def added_variables(project: Project) -> dict[str, str]:
    """The variables that the scripts of lightning-hydra-template and its kin set before they read configs.

    `PROJECT_ROOT` is the project's folder, and `.env` is read; variables that are set already are not changed. In
    serotiny's own layout nothing is added.
    """
    if project.layout.is_own:
        return {}
    added = {**_dotenv(project), "PROJECT_ROOT": str(project.root)}
    for name in added:
        note_variable(name)
    return {name: value for name, value in added.items() if name not in os.environ}


def environment_of(project: Project) -> Mapping[str, str]:
    """The variables that `${oc.env:…}` reads."""
    added = added_variables(project)
    return {**os.environ, **added} if added else os.environ


def _dotenv(project: Project) -> dict[str, str]:
    file = project.root / ".env"
    if not is_file(file):
        return {}
    from dotenv import dotenv_values  # only where there is such a file

    try:
        values = dotenv_values(file)
    except (OSError, UnicodeDecodeError):
        return {}
    return {name: value for name, value in values.items() if value is not None and name != ADDED_NAMES}
