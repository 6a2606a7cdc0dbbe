"""Plans on disk: YAML to read, the same document as a plan's JSON."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Final

from serotiny.compiler.plan.plan import Plan, PlanError
from serotiny.filesystem import read_plain_file, replace_alike
from serotiny.plain_yaml import MAX_BYTES, read_plain_yaml, write_plain_yaml


def write_plan(plan: Plan, path: Path) -> None:
    """Write a plan; another plan is replaced atomically, and a file that holds this one already is not touched.

    Raises:
        PlanError: the file cannot be written.
    """
    try:
        replace_alike(path, plan_text(plan))
    except OSError as error:
        raise PlanError(f"{path} cannot be written: {error.strerror or error}") from error


def plan_text(plan: Plan) -> str:
    """The text of a plan's file."""
    return write_plain_yaml(json.loads(plan.to_json()))


_WRITTEN_BY: Final = "name the file of a plan, which `serotiny compile train -o plan.yaml` writes"


def read_plan(path: Path) -> Plan:
    """Read a plan that `write_plan` wrote.

    Raises:
        PlanError: the file cannot be read, or holds no plan.
    """
    return plan_in(text_of(path), path)


def text_of(path: Path) -> str:
    """The text of a plan's file.

    Raises:
        PlanError: it cannot be read.
    """
    try:
        return read_plain_file(path, MAX_BYTES).decode("utf-8")
    except OSError as error:
        fault = f"{path} cannot be read: {error.strerror or error}"
        if isinstance(error, FileNotFoundError):
            fault += f"; `serotiny compile train -o {shlex.quote(str(path))}` writes one"
        if isinstance(error, IsADirectoryError) or path.is_dir():
            fault = f"{path} is a folder; {_WRITTEN_BY}"
        raise PlanError(fault) from error
    except ValueError as error:
        raise PlanError(f"{path} is not a plan: {error}; {_WRITTEN_BY}") from error


def plan_in(text: str, path: Path) -> Plan:
    """The plan in the text of a file.

    Raises:
        PlanError: it is none.
    """
    try:
        return Plan.from_json(json.dumps(read_plain_yaml(text), default=str))
    except (ValueError, TypeError) as error:
        raise PlanError(f"{path} is not a plan: {error}; compile it again") from error
    except PlanError as error:
        raise PlanError(f"{path}: {error}") from error
