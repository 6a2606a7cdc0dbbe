"""The pipeline: overrides in, plans and diagnostics out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from typing import Any

import yaml

from serotiny.compiler.composition.compose import Composed, compose
from serotiny.compiler.composition.hydra_settings import check_hydra_settings
from serotiny.compiler.defaults.option_swap import OptionSwaps
from serotiny.compiler.hydra.defaults_list import ExpandDefaults
from serotiny.compiler.overrides.sweep import as_typed, expand_sweep
from serotiny.compiler.plan.plan import Plan, identity_of, refuse_masked
from serotiny.compiler.project import Project, ProjectError
from serotiny.compiler.resolution.hydra_mode import asks_for_sweep
from serotiny.compiler.resolution.resolve import Resolved, resolve
from serotiny.compiler.sources.roots import find_roots
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.document import parse_document
from serotiny.compiler.usage.calls import Call, Outcome, ProjectCalls
from serotiny.compiler.usage.defaults_graph import DefaultsGraph
from serotiny.compiler.usage.givers import Givers
from serotiny.compiler.validation.validate import Validator
from serotiny.diagnostics import Diagnostic, merge_jobs
from serotiny.schemas.fields import operation_fields
from serotiny.schemas.names import OPERATIONS

_VERSIONED = ("serotiny", "hydra-core", "omegaconf", "pydantic", "torch", "pytorch-lightning", "mlflow")


@dataclass(frozen=True)
class Job:
    """One job through all stages."""

    overrides: tuple[str, ...]
    composed: Composed
    resolved: Resolved
    diagnostics: tuple[Diagnostic, ...]

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
        composed, project = self.composed, self.composed.project
        assert composed.operation is not None, "only what an operation runs has a plan"
        config = self.resolved.root.plain()
        logged = self.resolved.root.logged()
        layout = composed.layout
        for key, field in operation_fields(composed.operation).items():
            if layout.is_own and key not in config and field.group is None:
                config[key] = logged[key] = field.default
        mlflow = (config.get(layout.mlflow) if layout.mlflow is not None else None) or {}
        return Plan(
            operation=composed.operation,
            config=config,
            logged_config=logged,
            identity=identity_of(logged),
            run_name=mlflow.get("run_name"),
            overrides=self.overrides,
            project_root=str(project.root),
            package=project.package,
            trusted=project.trusted,
            allowed=project.allowed,
            versions=_versions(),
            choices=dict(composed.choices),
        )


@dataclass(frozen=True)
class Compilation:
    """What compiling gave.

    Attributes:
        jobs: every job that was compiled, in order.
        diagnostics: each fault once, naming its jobs.
        is_sweep: they are the jobs of a sweep, be it of one.
    """

    jobs: tuple[Job, ...]
    diagnostics: tuple[Diagnostic, ...]
    is_sweep: bool = False

    @property
    def is_sound(self) -> bool:
        """Whether every job may run."""
        return not any(diagnostic.is_error for diagnostic in self.diagnostics)


class Compiler:
    """Compiles jobs of one project, reading each file and each signature once."""

    def __init__(self, sources: Sources, validator: Validator, expand: ExpandDefaults | None = None) -> None:
        self.sources = sources
        self._validator = validator
        self._expand = expand or OptionSwaps()

    @classmethod
    def of_project(cls, project: Project) -> Compiler:
        """A compiler of the project's files as they are on disk."""
        return cls(Sources(project), Validator.of_project(project))

    def compile_job(self, name: str, overrides: Sequence[str]) -> Job:
        """Compose, resolve and validate one job; a later stage runs on what is sound of the earlier.

        Args:
            name: an operation, or a primary config.
            overrides: those of the job.

        Raises:
            ProjectError: the project has no such operation or config.
        """
        return self._compile_primary(self._primary(name), overrides)

    def _compile_primary(self, primary: str, overrides: Sequence[str]) -> Job:
        return self._compile_composed(self._compose(primary, overrides), overrides)

    def _compose(self, primary: str, overrides: Sequence[str]) -> Composed:
        return compose(self.sources, primary, overrides, self._expand)

    def _compile_composed(self, composed: Composed, overrides: Sequence[str]) -> Job:
        resolved = resolve(composed)
        found = (*composed.diagnostics, *resolved.diagnostics, *self._validator.validate(resolved))
        return Job(tuple(overrides), composed, resolved, found)

    def _primary(self, name: str) -> str:
        primary = self.sources.project.primary_of(name)
        if self.sources.document(primary) is None:
            roots = ", ".join(f"`{root}`" for root in find_roots(self.sources))
            is_operation = name in OPERATIONS
            fix = (
                f'; say which one `{name}` runs: `[tool.serotiny.operations] {name} = "…"`'
                if is_operation
                else ""
            )
            raise ProjectError(
                f"there is no primary config `{primary}`; there {'are' if ',' in roots else 'is'} {roots or 'none'}{fix}"
            )
        return primary

    def compile_call(self, name: str, overrides: Sequence[str], multirun: bool = False) -> Compilation:
        """Compile exactly what `serotiny OPERATION OVERRIDES [-m]` would run.

        Args:
            name: an operation, or a primary config.
            overrides: those of the call.
            multirun: it is a sweep.

        Returns:
            The jobs, and their diagnostics; in a sweep also SER402 for a run name that repeats.

        Raises:
            ProjectError: the project has no such operation or config.
        """
        primary = self._primary(name)
        if not multirun:
            composed = self._compose(primary, overrides)
            if not asks_for_sweep(composed):
                return _gather([self._with_hydra_faults(self._compile_composed(composed, overrides))])
        expanded, faults = expand_sweep(overrides, self.sources)
        jobs = [self._compile_primary(primary, job_overrides) for job_overrides in expanded]
        jobs[:1] = [self._with_hydra_faults(job) for job in jobs[:1]]  # all jobs have these in common
        compilation = _gather(jobs, (*faults, *_repeated_names(jobs)))
        found = (replace(item, place=as_typed(item.place, overrides)) for item in compilation.diagnostics)
        return replace(compilation, diagnostics=tuple(merge_jobs(found)), is_sweep=True)

    def _with_hydra_faults(self, job: Job) -> Job:
        if any(found.is_error for found in job.composed.diagnostics):
            return job  # Hydra would stop at these
        faults = check_hydra_settings(job.composed)
        return replace(job, diagnostics=(*job.diagnostics, *faults))

    def compile_plan(self, plan: Plan, file: str) -> Compilation:
        """Resolve and validate a plan that was read from `file`, in this environment.

        Raises:
            PlanError: a credential was left out when it was written.
        """
        refuse_masked(plan, file)
        root = parse_document(file, yaml.safe_dump(plan.logged_config, sort_keys=False)).root
        composed = Composed(
            self.sources.project.primary_of(plan.operation),
            plan.operation,
            project=self.sources.project,
            root=root,
            hydra=None,
            order=(),
            choices=dict(plan.choices),
            groups=frozenset(plan.choices),
            inserted=(),
            arguments=(),
            diagnostics=(),
        )
        resolved = resolve(composed)
        found = (*resolved.diagnostics, *self._validator.validate(resolved))
        return _gather([Job(plan.overrides, composed, resolved, found)])

    def compile_project(self) -> Compilation:
        """Compile every primary config, and every option of every group where it is used.

        Returns:
            The jobs, and their diagnostics, without what is missing in a job that nobody would run as it is.
        """
        jobs: dict[Call, Job] = {}

        def outcome(call: Call) -> Outcome:
            if call not in jobs:
                job = self.compile_part(call, givers)
                jobs[call] = job if call[1] else self._with_hydra_faults(job)
            return Outcome(jobs[call].composed, jobs[call].errors)

        calls, givers = self.project_calls(outcome)
        return _gather([jobs[call] for call in calls.run()])

    def project_calls(self, outcome: Callable[[Call], Outcome]) -> tuple[ProjectCalls, Givers]:
        """What finds the calls of the whole project, and what its configs give each other."""
        graph = DefaultsGraph(self.sources)
        return ProjectCalls(graph, find_roots(self.sources), outcome), Givers(self.sources, graph)

    def compile_part(self, call: Call, givers: Givers) -> Job:
        """Compile a call that a check of the whole project makes, without what others give in real ones."""
        primary, overrides = call
        job = self._compile_primary(primary, overrides)
        return replace(job, diagnostics=tuple(givers.excuse(call, job.resolved, job.diagnostics)))


def _versions() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in _VERSIONED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _gather(jobs: Sequence[Job], more: Iterable[Diagnostic] = ()) -> Compilation:
    found = [
        replace(diagnostic, jobs=(index,)) for index, job in enumerate(jobs) for diagnostic in job.diagnostics
    ]
    return Compilation(tuple(jobs), tuple(merge_jobs([*found, *more])))


def _repeated_names(jobs: Sequence[Job]) -> list[Diagnostic]:
    """SER402 for each run name that more than one job of a sweep would take."""
    holders: dict[tuple[Any, Any], list[int]] = {}
    for index, job in enumerate(jobs):
        mlflow: Mapping[str, Any] = job.resolved.root.plain().get("mlflow") or {}
        name = mlflow.get("run_name")
        if isinstance(name, str) and mlflow.get("tracking_uri") is not None:
            holders.setdefault((mlflow.get("experiment_name"), name), []).append(index)
    faults: list[Diagnostic] = []
    for (_, name), indices in holders.items():
        if len(indices) < 2:
            continue
        node = jobs[indices[0]].resolved.root.get("mlflow")
        named = node.get("run_name") if node is not None else None
        assert named is not None
        message = f"{len(indices)} jobs of the sweep have the run name `{name}`"
        fix = "make it depend on what is swept, as in `mlflow.run_name='vae-${model.latent_dim}'`"
        faults.append(
            Diagnostic("SER402", message, named.written_at, "mlflow.run_name", help=fix, jobs=tuple(indices))
        )
    return faults
