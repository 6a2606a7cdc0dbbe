"""The provenance of a run as tags, with MLflow's own names where they exist."""

from __future__ import annotations

import getpass
import shlex
from contextlib import suppress
from pathlib import Path

from serotiny.compiler.plan.plan import Plan
from serotiny.credentials.detection import mask_source
from serotiny.ml_ops.record.git import Repository

_CHOICE = "serotiny.choice."


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
    repository = Repository(root)
    commit = repository.answer("rev-parse", "HEAD")
    if commit is None:
        return {}
    tags = {"mlflow.source.git.commit": commit.strip()}
    # what lies in a submodule is another repository's, which has settings of its own
    changes = repository.answer("status", "--porcelain", "--untracked-files=no", "--ignore-submodules=dirty")
    if changes is not None:
        tags["mlflow.source.git.dirty"] = "true" if changes.strip() else "false"
    branch = (repository.answer("rev-parse", "--abbrev-ref", "HEAD") or "HEAD").strip()
    return tags if branch == "HEAD" else {**tags, "mlflow.source.git.branch": branch}
