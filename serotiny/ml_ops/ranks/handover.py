"""The data that rank 0 passes to the processes that follow it: the plan and the decisions since."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from serotiny.compiler.plan.plan import Plan
from serotiny.diagnostics import JobError


class HandoverError(JobError):
    """The handover of rank 0 cannot be written, or does not exist."""


@dataclass(frozen=True, kw_only=True)
class Handover:
    """A job whose name is reserved and whose checkpoint is chosen.

    Attributes:
        plan: its config is without the `mlflow` group, since followers record nothing.
        run_dir: the job's folder, the same for all ranks.
        has_drifted: as in `RunInfo`.
        checkpoint: the checkpoint to resume from, or to test.
        import_paths: the import path of rank 0.
    """

    plan: Plan
    run_dir: Path
    run_id: str
    run_name: str
    has_drifted: bool
    checkpoint: Path | None
    import_paths: tuple[str, ...]

    @classmethod
    def of(cls, plan: Plan, **decided: Any) -> Handover:
        """The handover of the plan that rank 0 runs."""
        config = {key: value for key, value in plan.config.items() if key != "mlflow"}
        return cls(plan=replace(plan, config=config), **decided)

    def write(self) -> Path:
        """Write it, readable only for this user, since the plan's config contains resolved secrets.

        Raises:
            HandoverError: the job's folder cannot be written.
        """
        file = self.run_dir.absolute() / f".handover-{os.urandom(8).hex()}.yaml"
        document = asdict(self) | {"run_dir": str(self.run_dir.absolute())}
        document["checkpoint"] = None if self.checkpoint is None else str(self.checkpoint.absolute())
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "w", encoding="utf-8") as stream:  # noqa: PTH123  # a descriptor
                yaml.safe_dump(_listed(document), stream, allow_unicode=True)
        except OSError as error:
            raise HandoverError(f"{file} cannot be written: {error.strerror}") from error
        return file

    @classmethod
    def read(cls, file: Path) -> Handover:
        """Read what rank 0 wrote.

        Raises:
            HandoverError: the file does not exist, as on a host that does not share the job's folder.
        """
        try:
            document = yaml.safe_load(file.read_text("utf-8"))
        except OSError as error:
            raise HandoverError(
                f"{file}, with the plan of rank 0, cannot be read: {error.strerror}; the job's folder has to lie "
                "on a disk that all of its processes share"
            ) from error
        plan = document.pop("plan")
        checkpoint = document.pop("checkpoint")
        return cls(
            plan=Plan(
                **plan | {"overrides": tuple(plan["overrides"]), "trusted": tuple(plan["trusted"])},
            ),
            run_dir=Path(document.pop("run_dir")),
            checkpoint=None if checkpoint is None else Path(checkpoint),
            import_paths=tuple(document.pop("import_paths")),
            **document,
        )


def _listed(value: Any) -> Any:
    """The value with lists instead of tuples, which safe YAML does not have."""
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, list | tuple) else value
