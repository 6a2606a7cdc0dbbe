"""One compiled job, and the jobs of a call with their faults."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.resolution.anchored import anchored
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.tree import without
from serotiny.compiler.validation.running.by_script import ByScript
from serotiny.credentials.known import KnownSecrets
from serotiny.diagnostics import Diagnostic, merge_jobs
from serotiny.schemas.fields import operation_fields

# most checks make no plan
if TYPE_CHECKING:
    from serotiny.compiler.plan.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job through all stages.

    Attributes:
        overrides: as typed; in a sweep, with one value each.
        key: those that are not about Hydra, as a sweeper spells them when it asks for the job.
        objective: the metrics that the job tells an optimizing sweeper; None where its sweeper asks for none.
        silenced_by: the comments, by place, that keep something from being told.
        by_script: tells what the project's own script does to the parts of the job; asked only before it runs.
    """

    overrides: tuple[str, ...]
    composed: Composed
    resolved: Resolved
    diagnostics: tuple[Diagnostic, ...]
    key: tuple[str, ...] = ()
    objective: tuple[str, ...] | None = None
    silenced_by: frozenset[str] = frozenset()
    by_script: Callable[[], ByScript] = ByScript

    @property
    def errors(self) -> int:
        """How many errors it has."""
        return sum(diagnostic.is_error for diagnostic in self.diagnostics)

    @property
    def is_sound(self) -> bool:
        """Whether it may run."""
        return self.errors == 0

    def plan(self) -> Plan:
        """The plan of a sound job."""
        from serotiny.compiler.plan.origins import origins_of
        from serotiny.compiler.plan.plan import Plan, identity_of
        from serotiny.compiler.plan.shape import as_planned
        from serotiny.compiler.plan.versions import versions_here

        composed, project = self.composed, self.composed.project
        assert composed.operation is not None, "only what an operation runs has a plan"
        layout = composed.layout if composed.layout.is_own else project.layout
        root = anchored(without(self.resolved.root, self.by_script().left_out))
        config, logged = as_planned(root.plain(), layout), as_planned(root.logged(), layout)
        logged = KnownSecrets.written_in(config, logged).mask_within(logged)
        for key, field in operation_fields(composed.operation).items():
            if layout.is_own and key not in config and field.group is None:
                config[key] = logged[key] = field.default
        mlflow = config.get("mlflow") or {}
        return Plan(
            operation=composed.operation,
            config=config,
            logged_config=logged,
            identity=identity_of(logged),
            run_name=_in_one_spelling(mlflow.get("run_name")),
            overrides=self.overrides,
            project_root=str(project.root),
            package=project.package,
            trusted=project.trusted,
            allowed=project.allowed,
            versions=versions_here(config),
            choices=dict(composed.choices),
            layout=layout.name,
            origins=origins_of(root, layout),
        )


@dataclass(frozen=True)
class Compilation:
    """What compiling gave.

    Attributes:
        jobs: every job that was compiled, in order.
        diagnostics: each fault once, naming its jobs.
        sweep: what all jobs of a sweep have in common; None for a single job.
    """

    jobs: tuple[Job, ...]
    diagnostics: tuple[Diagnostic, ...]
    sweep: Composed | None = None

    @property
    def is_sweep(self) -> bool:
        """Whether they are the jobs of a sweep, be it of one."""
        return self.sweep is not None

    @property
    def is_sound(self) -> bool:
        """Whether every job may run."""
        return not any(diagnostic.is_error for diagnostic in self.diagnostics)


def gather(jobs: Sequence[Job], more: Iterable[Diagnostic] = ()) -> Compilation:
    """The compilation of jobs, with further faults that name their jobs already."""
    return Compilation(tuple(jobs), merged_faults([job.diagnostics for job in jobs], more))


def merged_faults(
    by_job: Sequence[Iterable[Diagnostic]], more: Iterable[Diagnostic] = ()
) -> tuple[Diagnostic, ...]:
    """The faults of jobs, each once, naming its jobs, and more that name theirs already."""
    numbered = [
        replace(diagnostic, jobs=(index,)) for index, faults in enumerate(by_job) for diagnostic in faults
    ]
    return tuple(merge_jobs([*numbered, *more]))


def _in_one_spelling(name: str | None) -> str | None:
    """Accents written as marks of their own make no other name; see `MlflowConfig`."""
    return None if name is None else unicodedata.normalize("NFC", name)
