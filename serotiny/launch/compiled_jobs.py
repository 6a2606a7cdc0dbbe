"""The jobs of a call, compiled before any of them runs, in the form in which launchers pickle and run them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from serotiny.compiler.compile import Compiler
from serotiny.compiler.composition.hydra_settings import HydraCall
from serotiny.compiler.hydra.node import storable
from serotiny.compiler.job import Compilation, Job
from serotiny.compiler.overrides.argument import parse_arguments
from serotiny.compiler.plan.plan import Plan
from serotiny.compiler.project import Project
from serotiny.compiler.tree import Node, Unknown, select, walk
from serotiny.diagnostics import DEFAULT, SerotinyError

Key = tuple[str, ...]
"""The overrides of one job that are not about Hydra, as its sweeper spells them."""


class UnsetVariableError(SerotinyError):
    """`hydra.job.env_copy` names a variable that is not set."""


@dataclass(frozen=True, kw_only=True)
class CompiledJob:
    """One job as Hydra needs it.

    Attributes:
        plan: what runs.
        config: the config as composed, interpolations as written; Hydra saves it in the job's folder.
        hydra: makes a config with Hydra's own node and nothing else.
        variables: the environment variables that Hydra sets for the job, those that hold values of its config.
        objective: the metrics that its sweeper optimizes; None for a sweeper that optimizes nothing.
    """

    plan: Plan
    config: dict[Any, Any]
    hydra: HydraCall
    variables: dict[str, str]
    objective: tuple[str, ...] | None = None

    def whole(self, key: Key) -> DictConfig:
        """The config as Hydra would have composed it, for the job with the overrides `key`."""
        return whole_config(self.config, self.hydra.config(), key, self.variables)


@dataclass(kw_only=True)
class CompiledJobs:
    """The jobs of a call by their keys.

    The jobs of a sampling sweeper are not known beforehand; each is compiled when it starts.

    Attributes:
        project: the project that they belong to.
        primary: the config that they start from.
        settings: the overrides about Hydra, as typed, which all jobs have.
        common: the config of the call, or of the sweep without the values that its jobs vary.
        is_optimized: whether the sweeper uses what the jobs return.
        copied: the variables of `hydra.job.env_copy`, as they were where the call was made. They are taken along here
            and not in Hydra's node, which is saved in the job's folder: credentials may be among them.
        jobs: those that were compiled before the first one ran.
    """

    project: Project
    primary: str
    settings: tuple[str, ...]
    common: DictConfig
    jobs: dict[Key, CompiledJob]
    is_optimized: bool = False
    copied: dict[str, str] = field(default_factory=dict)

    def planned(self, key: Key) -> CompiledJob | None:
        """The job that was compiled under that key, if any."""
        return self.jobs.get(key)

    def compile_sampled(self, key: Key, number: int) -> tuple[Job, CompiledJob | None]:
        """Compile a job that a sampling sweeper has chosen; without a `CompiledJob` where it has errors."""
        compiler = Compiler.of_project(self.project, with_hydra=True)
        job = compiler.compile_job(self.primary, (*self.settings, *key), job_number=number)
        return job, compiled_job(job) if job.is_sound else None


def compile_jobs(compilation: Compilation, overrides: Sequence[str]) -> CompiledJobs:
    """The jobs of a call for its launcher; without any where one of them has errors.

    Args:
        compilation: the call, compiled with Hydra's own configs.
        overrides: the call's, as typed.

    Raises:
        UnsetVariableError: a variable that is to be copied is not set.
    """
    first = compilation.jobs[0]
    common = compilation.sweep or first.composed
    assert common.hydra is not None
    settings = [item.text for item in first.composed.arguments if item.is_hydra]
    typed = [item.text for item in parse_arguments(overrides)[0] if not item.is_hydra]
    task = tuple(map(storable, typed)) if compilation.is_sweep else first.key
    sound = compilation.jobs if compilation.is_sound else ()
    is_optimized = compilation.is_sweep and first.objective is not None
    variables = {} if compilation.is_sweep else _variables_of(first)
    whole = whole_config(common.root.plain(), common.hydra.config, task, variables)
    if is_optimized:
        _let_jobs_fail(whole, common.hydra.tree)
    return CompiledJobs(
        project=common.project,
        primary=common.primary,
        settings=tuple(settings),
        common=whole,
        jobs={job.key: compiled_job(job) for job in sound},
        is_optimized=is_optimized,
        copied=_copied_by(first),
    )


def _copied_by(job: Job) -> dict[str, str]:
    """The environment variables that are to be copied to where the jobs run.

    Raises:
        UnsetVariableError: one of them is not set.
    """
    listed = select(job.resolved.hydra, ("job", "env_copy")) if job.resolved.hydra is not None else None
    names = [str(node.plain()) for _, node in (listed.children() if listed is not None else ())]
    for name in names:
        if name not in os.environ:
            raise UnsetVariableError(
                f"`hydra.job.env_copy` names the environment variable `{name}`, which is not set: "
                "set it where you start the job, or leave it out there"
            )
    return {name: os.environ[name] for name in names}


def _let_jobs_fail(config: DictConfig, hydra: Node) -> None:
    """Let any share of a study's jobs fail, unless the config sets one: the sweeper learns from the others."""
    with read_write(config.hydra):
        for keys, node in walk(hydra):
            if keys[:1] == ("sweeper",) and keys[-1] == "max_failure_rate" and node.place == DEFAULT:
                OmegaConf.update(config.hydra, ".".join(map(str, keys)), 1.0)


def single_job(job: Job, plan: Plan) -> CompiledJobs:
    """One sound job that is no part of a sweep, compiled with or without Hydra's own configs."""
    composed, asked = job.composed, job
    if composed.hydra is None:
        compiler = Compiler.of_project(composed.project, with_hydra=True)
        asked = compiler.compile_job(composed.primary, job.overrides)
    assert asked.composed.hydra is not None
    compiled = CompiledJob(
        plan=plan,
        config=job.composed.root.plain(),
        hydra=asked.composed.hydra.call,
        variables=_variables_of(asked),
    )
    return CompiledJobs(
        project=composed.project,
        primary=composed.primary,
        settings=(),
        common=compiled.whole(job.key),
        jobs={job.key: compiled},
    )


def compiled_job(job: Job) -> CompiledJob:
    """A sound job for its launcher."""
    assert job.composed.hydra is not None
    return CompiledJob(
        plan=job.plan(),
        config=job.composed.root.plain(),
        hydra=job.composed.hydra.call,
        variables=_variables_of(job),
        objective=job.objective,
    )


def _variables_of(job: Job) -> dict[str, str]:
    """The variables of `hydra.job.env_set` that hold values of the job's config, resolved.

    Hydra sets them from a copy of its node in which the values of the config cannot be looked up. Values from
    the environment stay as written, since the node is saved in the job's folder.
    """
    variables = select(job.resolved.hydra, ("job", "env_set")) if job.resolved.hydra is not None else None
    return {
        str(key): str(node.value)
        for key, node in (variables.children() if variables is not None else ())
        if node.reference is not None and not node.reference.secret and not isinstance(node.value, Unknown)
    }


def whole_config(
    config: dict[Any, Any], hydra: DictConfig, task_overrides: Sequence[str], variables: Mapping[str, str]
) -> DictConfig:
    """A job's config and Hydra's node as one config, in the form in which Hydra composes it."""
    whole = OmegaConf.create(config)
    with open_dict(whole):
        whole.hydra = deepcopy(hydra.hydra)
    # as on a config that Hydra has composed
    OmegaConf.set_struct(whole, True)
    with read_write(whole.hydra), open_dict(whole.hydra):
        whole.hydra.overrides.task = list(task_overrides)
        whole.hydra.job.env_set.update(variables)
    return whole
