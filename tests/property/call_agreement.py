"""Whether a call is checked as it is trained, and composed as Hydra composes it."""

from __future__ import annotations

import json
import pickle
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.utils import create_config_search_path
from hydra.core.hydra_config import HydraConfig
from hydra.errors import ConfigCompositionException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import InterpolationResolutionError

from serotiny.compiler.compile import Compiler
from serotiny.compiler.hydra.config_source import source_path
from serotiny.compiler.hydra.own_configs import own_configs
from serotiny.compiler.job import Compilation, Job
from serotiny.compiler.plan.plan import Plan
from serotiny.compiler.project import Project, find_project
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.validation.validate import Validator
from serotiny.launch.compiled_jobs import CompiledJobs, compile_jobs
from serotiny.launch.hydra_app import HydraApp
from serotiny.launch.job_values import with_job_values
from serotiny.launch.plan_loader import PlanLoader
from tests.property.calls import SECRET, Call


class Stage:
    """The project, with a compiler set up as in `check` and one as in `train`, which have compiled other calls before."""

    def __init__(self, root: Path) -> None:
        self.project: Project = find_project(root)
        self._sources, self._validator = Sources(self.project), Validator.of_project(self.project)
        self.check = self.new_check()
        self.train = Compiler(self._sources, self._validator, further=own_configs())

    def new_check(self) -> Compiler:
        """A compiler as in `check`, which has compiled nothing yet."""
        return Compiler(self._sources, self._validator)


@dataclass(frozen=True)
class Received:
    """What one job received: its plan, the composed config, and what Hydra saved of it."""

    plan: Plan
    composed: dict[str, Any]
    saved: str


class Recorder:
    """A task that records what a job receives, instead of running it."""

    def __init__(self, jobs: CompiledJobs) -> None:
        self.jobs = jobs
        self.received: list[Received] = []

    def __call__(self, config: DictConfig) -> None:
        hydra = HydraConfig.get()
        overrides: Any = OmegaConf.to_container(hydra.overrides.task, resolve=False)
        job = self.jobs.planned(tuple(overrides))
        assert job is not None, f"nobody planned {overrides}"
        composed: Any = OmegaConf.to_container(config, resolve=False)
        folder = Path(hydra.runtime.output_dir)
        saved = "".join(file.read_text() for file in folder.glob(f"{hydra.output_subdir or '-'}/*.yaml"))
        # a name is there to be read, wherever it comes from
        saved = saved.replace(str(folder), "")
        for section in (hydra.run, hydra.sweep):
            with suppress(InterpolationResolutionError):  # of the other way to start nobody else reads it
                saved = saved.replace(section.dir, "")
        self.received.append(Received(with_job_values(job.plan, config), composed, saved))


def as_text(value: Any) -> str:
    """The value as JSON, with the entries of mappings in the order of their keys, which may be of several types."""
    return json.dumps(_in_order(value), default=str)


def _in_order(value: Any) -> Any:
    if isinstance(value, dict):
        entries = sorted(value.items(), key=lambda entry: (str(entry[0]), type(entry[0]).__name__))
        return [[key, _in_order(item)] for key, item in entries]
    return [_in_order(item) for item in value] if isinstance(value, list) else value


def _assert_same(checked: Compilation, trained: Compilation) -> None:
    """Assert that both have the same diagnostics and compile to the same values."""
    assert checked.diagnostics == trained.diagnostics
    values = [[as_text(job.resolved.root.plain()) for job in made.jobs] for made in (checked, trained)]
    assert values[0] == values[1]


def _take(folder: Path, is_named_by_time: bool) -> Path:
    """The folder as the config asks for it: no other job is about."""
    return folder


_TARGETS = ("hydra.launcher._target_", "hydra.sweeper._target_")
_BASIC = (
    "hydra._internal.core_plugins.basic_launcher.BasicLauncher",
    "hydra._internal.core_plugins.basic_sweeper.BasicSweeper",
)


def receive(trained: Compilation, jobs: CompiledJobs) -> list[Received]:
    """What each job is given, wherever its launcher sends it: the jobs are pickled as launchers pickle them."""
    shipped: CompiledJobs = pickle.loads(pickle.dumps(jobs))
    recorder = Recorder(shipped)
    options = Sources(jobs.project).options
    if not trained.is_sweep:
        HydraApp(jobs, options).run(recorder, _take)
    elif all(OmegaConf.select(jobs.common, key) in _BASIC for key in _TARGETS):
        HydraApp(jobs, options).sweep(recorder, _take)
    else:  # processes would take seconds each, and a study makes up jobs of its own
        loader = PlanLoader(shipped, options)
        common = loader.load_configuration("train", [], RunMode.MULTIRUN)
        HydraConfig.instance().set_config(common)  # as in a sweep
        for number, job in enumerate(trained.jobs):
            config = loader.load_sweep_config(common, list(job.key))
            with open_dict(config.hydra):
                config.hydra.job.num = number
                config.hydra.runtime.output_dir = str(jobs.project.root / "outputs")
            HydraConfig.instance().set_config(config)
            recorder(OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"]))
    return recorder.received


def agree(stage: Stage, call: Call) -> bool:
    """Check and train a call; returns whether it has no errors."""
    checked = stage.check.compile_call("train", call.overrides, call.multirun)
    trained = stage.train.compile_call("train", call.overrides, call.multirun)
    _assert_same(checked, trained)
    _assert_same(checked, stage.new_check().compile_call("train", call.overrides, call.multirun))
    if not trained.is_sound:
        return False
    received = receive(trained, compile_jobs(trained, call.overrides))
    assert len(checked.jobs) == len(received)
    for job, got in zip(checked.jobs, received, strict=True):
        assert as_text(job.composed.root.plain()) == as_text(got.composed)
        compiled = job.plan()
        assert (compiled.identity, compiled.run_name) == (got.plan.identity, got.plan.run_name)
        if not got.plan.job_keys:
            assert as_text(compiled.config) == as_text(got.plan.config)
        assert "${hydra:" not in as_text(got.plan.config)
        assert SECRET not in replace(got.plan, run_name=None).to_json() + got.saved
    if not trained.is_sweep:
        _assert_replayed(stage, trained.jobs[0])
    return True


def _assert_replayed(stage: Stage, job: Job) -> None:
    """Assert that a plan that is written and read again is the same job."""
    plan = job.plan()
    again = stage.train.compile_plan(Plan.from_json(plan.to_json()), "plan.yaml")
    assert () == tuple(found for found in again.diagnostics if found.is_error)
    replayed = again.jobs[0].plan()
    assert (plan.identity, plan.run_name) == (replayed.identity, replayed.run_name)
    assert as_text(plan.config) == as_text(replayed.config)


def hydras(stage: Stage, job: Job) -> DictConfig:
    """Hydra's own composition of a job."""
    HydraConfig.instance().cfg = None  # which a job before this one may have left
    composed = job.composed
    path = source_path(composed.project, "train", composed.inserted)
    loader = ConfigLoaderImpl(create_config_search_path(path))
    # the folders of a search path are among the project's already
    overrides = [text for text in job.overrides if not text.startswith("hydra.searchpath=")]
    return loader.load_configuration("train", overrides, run_mode=RunMode.RUN)


def assert_as_hydras(stage: Stage, job: Job) -> None:
    try:
        theirs = hydras(stage, job)
    except ConfigCompositionException as error:
        # Hydra deletes neither what is `???` nor a key of a structured config, as `mlflow` is one to it
        if "Could not delete from config" not in str(error) and "does not support deletion" not in str(
            error.__cause__
        ):
            raise
        return
    assert job.composed.hydra is not None
    ours = job.composed.hydra.config
    for name in _COMPARED:
        assert _raw(theirs.hydra, name) == _raw(ours.hydra, name)
    with open_dict(theirs):
        del theirs["hydra"]
        name = job.composed.root.plain()["mlflow"]["run_name"]
        # ours is the text that was written: a run named `1e-3` is not named `0.001`
        if isinstance(name, str):
            theirs.mlflow.run_name = name
    assert as_text(OmegaConf.to_container(theirs)) == as_text(job.composed.root.plain())


_COMPARED = (
    "run",
    "sweep",
    "launcher",
    "sweeper",
    "job_logging",
    "output_subdir",
    "verbose",
    "mode",
    "callbacks",
)


def _raw(node: DictConfig, name: str) -> str:
    return as_text(OmegaConf.to_container(OmegaConf.masked_copy(node, [name]), resolve=False))
