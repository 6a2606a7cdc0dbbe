"""What rank 0 hands over to the processes that follow it: the plan, and what it has decided since."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from serotiny.compiler.plan.plan import Plan
from serotiny.diagnostics import JobError


class HandoverError(JobError):
    """What rank 0 handed over cannot be written, or is not there."""


@dataclass(frozen=True, kw_only=True)
class Handover:
    """A job of which the name is reserved and the checkpoint is chosen.

    Attributes:
        plan: its config is without the `mlflow` group: who follows records nothing.
        run_dir: the job's folder, the same for all.
        has_drifted: as of `RunInfo`.
        checkpoint: what training goes on from, or what is tested.
        import_paths: from where rank 0 imports.
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
        """Of the plan that rank 0 runs."""
        config = {key: value for key, value in plan.config.items() if key != "mlflow"}
        return cls(plan=replace(plan, config=config), **decided)

    def write(self) -> Path:
        """Write it for this user's eyes alone, since a plan's config holds what its secrets resolve to.

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
            HandoverError: it is not there, as on a host that does not share the job's folder.
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
    """The value with lists for tuples, which YAML's safe form does not know."""
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, list | tuple) else value
