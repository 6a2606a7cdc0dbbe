"""The provenance of a run as tags, with MLflow's own names where they exist."""

from __future__ import annotations

import getpass
import shlex
import subprocess
from contextlib import suppress
from pathlib import Path

from serotiny.compiler.plan.plan import Plan
from serotiny.credentials.detection import mask_source

_CHOICE = "serotiny.choice."
_TIMEOUT_S = 5.0


def provenance_tags(plan: Plan) -> dict[str, str]:
    """The user, the command, the chosen options and the state of the git repository, if there is one."""
    command = shlex.join(["serotiny", plan.operation, *(mask_source(text).text for text in plan.overrides)])
    tags = {"mlflow.source.type": "LOCAL", "mlflow.source.name": command}
    with suppress(OSError, KeyError, ImportError):  # the user of a container may have no name
        tags["mlflow.user"] = getpass.getuser()
    tags |= {f"{_CHOICE}{group}": str(option) for group, option in plan.choices.items()}
    tags |= _git_tags(Path(plan.project_root))
    own = (plan.config.get("mlflow") or {}).get("tags") or {}
    return {key: value for key, value in tags.items() if key not in own}


def _git_tags(root: Path) -> dict[str, str]:
    commit = _git(root, "rev-parse", "HEAD")
    if commit is None:
        return {}
    tags = {"mlflow.source.git.commit": commit}
    changes = _git(root, "status", "--porcelain", "--untracked-files=no")
    if changes is not None:
        tags["mlflow.source.git.dirty"] = "true" if changes else "false"
    branch = _git(root, "rev-parse", "--abbrev-ref", "HEAD")
    return tags if branch in (None, "HEAD") else {**tags, "mlflow.source.git.branch": str(branch)}


def _git(root: Path, *arguments: str) -> str | None:
    """The output of git; None if git is not installed or there is no repository."""
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
