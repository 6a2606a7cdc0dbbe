"""Plans on disk: YAML to read, the same document as a plan's JSON."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from serotiny.compiler.plan.plan import Plan, PlanError
from serotiny.filesystem import read_plain_file, replace_file
from serotiny.plain_yaml import MAX_BYTES, read_plain_yaml


def write_plan(plan: Plan, path: Path) -> None:
    """Write a plan; an existing file is replaced atomically.

    Raises:
        PlanError: the file cannot be written.
    """
    text = yaml.safe_dump(json.loads(plan.to_json()), sort_keys=False, allow_unicode=True)
    try:
        replace_file(path, text)
    except OSError as error:
        raise PlanError(f"{path} cannot be written: {error.strerror or error}") from error


def read_plan(path: Path) -> Plan:
    """Read a plan that `write_plan` wrote.

    Raises:
        PlanError: the file cannot be read, or holds no plan.
    """
    try:
        document = read_plain_yaml(read_plain_file(path, MAX_BYTES).decode("utf-8"))
        return Plan.from_json(json.dumps(document, default=str))
    except OSError as error:
        raise PlanError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, TypeError) as error:
        raise PlanError(f"{path} is not a plan: {error}") from error
    except PlanError as error:
        raise PlanError(f"{path}: {error}") from error
