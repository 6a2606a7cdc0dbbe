"""Plans on disk: YAML to read, the same document as a plan's JSON."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from serotiny.compiler.plan.plan import Plan, PlanError
from serotiny.filesystem import replace_file


def write_plan(plan: Plan, path: Path) -> None:
    """Write a plan; a file that is there is replaced only by a whole one.

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
        document = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise PlanError(f"{path} cannot be read: {error.strerror or error}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PlanError(f"{path} is not a plan: {str(error).splitlines()[0]}") from error
    return Plan.from_json(json.dumps(document, default=str))
