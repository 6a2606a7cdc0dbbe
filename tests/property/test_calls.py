"""For any call, the job that is checked is the job that runs."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.utils import create_config_search_path
from hydra.core.hydra_config import HydraConfig
from hydra.core.plugins import Plugins
from hydra.errors import ConfigCompositionException
from hydra.types import RunMode
from hypothesis import HealthCheck, example, given, settings
from omegaconf import DictConfig, OmegaConf, open_dict

from serotiny.compiler.compile import Compiler
from serotiny.compiler.hydra.config_source import SerotinySource, source_path
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
from serotiny.schemas.hydra_store import register
from tests.property.call_project import write_project
from tests.property.calls import SECRET, SECRET_NAME, Call, calls

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # Hydra's, of defaults lists without `_self_`

CALLS = int(os.environ.get("SEROTINY_TEST_CALLS", "40"))
"""The number of calls that are drawn; `make search` draws more."""


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


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    root = tmp_path_factory.mktemp("calls")
    write_project(root)
    before = Path.cwd()
    os.environ[SECRET_NAME] = SECRET
    register()
    Plugins.instance().register(SerotinySource)
    yield Stage(root)
    del os.environ[SECRET_NAME]
    os.chdir(before)


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
        saved = saved.replace(str(folder), "").replace(hydra.run.dir, "")
        self.received.append(Received(with_job_values(job.plan, config), composed, saved))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _assert_same(checked: Compilation, trained: Compilation) -> None:
    """Assert that both have the same diagnostics and compile to the same values."""
    assert checked.diagnostics == trained.diagnostics
    values = [[_text(job.resolved.root.plain()) for job in made.jobs] for made in (checked, trained)]
    assert values[0] == values[1]


def _take(folder: Path, is_named_by_time: bool) -> Path:
    """The folder as the config asks for it: no other job is about."""
    return folder


_TARGETS = ("hydra.launcher._target_", "hydra.sweeper._target_")
_BASIC = (
    "hydra._internal.core_plugins.basic_launcher.BasicLauncher",
    "hydra._internal.core_plugins.basic_sweeper.BasicSweeper",
)


def _receive(trained: Compilation, jobs: CompiledJobs) -> list[Received]:
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
        for number, job in enumerate(trained.jobs):
            config = loader.load_sweep_config(common, list(job.key))
            with open_dict(config.hydra):
                config.hydra.job.num = number
                config.hydra.runtime.output_dir = str(jobs.project.root / "outputs")
            HydraConfig.instance().set_config(config)
            recorder(OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"]))
    return recorder.received


def _agree(stage: Stage, call: Call) -> bool:
    """Check and train a call; returns whether it has no errors."""
    checked = stage.check.compile_call("train", call.overrides, call.multirun)
    trained = stage.train.compile_call("train", call.overrides, call.multirun)
    _assert_same(checked, trained)
    _assert_same(checked, stage.new_check().compile_call("train", call.overrides, call.multirun))
    if not trained.is_sound:
        return False
    received = _receive(trained, compile_jobs(trained, call.overrides))
    assert len(checked.jobs) == len(received)
    for job, got in zip(checked.jobs, received, strict=True):
        assert _text(job.composed.root.plain()) == _text(got.composed)
        compiled = job.plan()
        assert (compiled.identity, compiled.run_name) == (got.plan.identity, got.plan.run_name)
        if not got.plan.job_keys:
            assert _text(compiled.config) == _text(got.plan.config)
        assert "${hydra:" not in _text(got.plan.config)
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
    assert _text(plan.config) == _text(replayed.config)


@given(calls)
@settings(max_examples=CALLS, suppress_health_check=[HealthCheck.too_slow])
@example(Call(("++model.part=null", "'++mlflow.run_name=${model.width}_${seed}'"), multirun=False))
@example(
    Call(("++model.part=null", "++model.name='${oc.env:" + SECRET_NAME + "}'", "seed=1,2"), multirun=True)
)
@example(
    Call(
        ("model=small,big", "++model.part=null", "++model.depth=1,2", "hydra/launcher=joblib"), multirun=True
    )
)
@example(Call(("+experiment=sweep",), multirun=False))
@example(Call(("+experiment=values,launcher",), multirun=True))
@example(Call(("++model.part=null", "seed=1,2", "+hydra.launcher.n_jobs=1"), multirun=True))
@example(Call(("~model.part",), multirun=False))
@example(Call(("++model.part=null", "~model.name", "~model.name"), multirun=False))
@example(Call(("++model.part=null", "hydra.verbose=true"), multirun=False))
@example(Call(("++model.part=null", "model='${'"), multirun=False))
@example(Call(("model=${now:%Y}",), multirun=False))
@example(Call(("++model.part=null", "hydra.run.dir=out/\\${seed}"), multirun=False))
@example(
    Call(
        (
            "++model.part=null",
            "model.width='\\${seed}'",
            "hydra.sweep.subdir='${hydra.job.override_dirname}'",
        ),
        multirun=True,
    )
)
@example(Call(("++model.part=null", "model='${python_version:major}'"), multirun=True))
@example(Call(("++model.part=null", "seed=1,2", "seed=3,4"), multirun=True))
@example(Call(("hydra.searchpath=[file://shared]", "+extra=wide", "++model.part=null"), multirun=False))
@example(Call(("++model.part=null", "+experiment=launcher", "+experiment=values,options"), multirun=True))
@example(Call(("++model.part=null", "mlflow.run_name=${oc.env:" + SECRET_NAME + "}"), multirun=False))
@example(Call(("++model.part=null", "hydra/sweeper=optuna", "model.width=int(interval(1,3))"), multirun=True))
@example(Call(("++model.part=null", "seed=1,2", "+hydra.job.env_set.A=${model.name}"), multirun=True))
@example(Call(("++model.part=null", "+hydra.job.env_set={A: '${seed}'}"), multirun=False))
@example(Call(("++model.part=null", "model.name='\\${seed}'"), multirun=False))
@example(Call(("++model.part=null", "~seed", "model.width='\\${seed}'"), multirun=False))
@example(Call(("++model.part=null", "model.width='${'", "~model.width"), multirun=False))
@example(Call(("++model.part=null", "model.width='${'", "model.width=1"), multirun=True))
@example(Call(("+experiment=[values,folder]", "model.name=${oc.env:" + SECRET_NAME + "}"), multirun=False))
@example(Call(("+experiment=[values,folder]", "model.width=${oc.env:" + SECRET_NAME + "}"), multirun=True))
@example(Call(("++model.part=null", "model.width=${hydra:runtime.output_dir}", "model=big"), multirun=False))
@example(Call(("+experiment=[values,folder]", "model.width=1,[1,'${seed}',[a]]"), multirun=True))
@example(
    Call(("++model.part=null", "model.width=[1,'${seed}']", "model.name='x-${model.width}'"), multirun=False)
)
@example(Call(("++model.part=null", "model.name='${oc.decode:\\'3\\'}'"), multirun=False))
def test_what_is_checked_is_what_runs(stage: Stage, call: Call) -> None:
    """Check and train tell the same of a call, and each job receives the plan that was checked, without secrets."""
    _agree(stage, call)


def test_date_of_a_file_reaches_a_job_as_hydra_gives_it(stage: Stage) -> None:
    """A date in a file is the text that is written there: in the check, in the job and in the plan, as in Hydra."""
    call = Call(("+experiment=dated",), multirun=False)
    assert _agree(stage, call)
    trained = stage.train.compile_call("train", call.overrides, call.multirun)

    (received,) = _receive(trained, compile_jobs(trained, call.overrides))

    model = received.plan.config["model"]
    assert "2024-01-01" == model["name"]
    assert ["2024-01-01 10:00:00", "2024-01-01T10:00:00Z", "2024-01-01"] == model["layers"]
    theirs = _hydras(stage, trained.jobs[0])
    assert model == OmegaConf.to_container(theirs.model)


def _hydras(stage: Stage, job: Job) -> DictConfig:
    """Hydra's own composition of a job."""
    composed = job.composed
    path = source_path(composed.project, "train", composed.inserted)
    loader = ConfigLoaderImpl(create_config_search_path(path))
    # the folders of a search path are among the project's already
    overrides = [text for text in job.overrides if not text.startswith("hydra.searchpath=")]
    return loader.load_configuration("train", overrides, run_mode=RunMode.RUN)


@given(calls)
@settings(max_examples=CALLS // 2, suppress_health_check=[HealthCheck.too_slow])
@example(Call(("++model.part=null", "mlflow.run_name=1e-3"), multirun=False))
@example(Call(("++model.part=null", "model.layers={}"), multirun=False))
@example(Call(("++model.part=null", "++model={layers: {}}"), multirun=False))
@example(Call(("++model.part=null", "model={new: 1}"), multirun=False))
def test_a_sound_job_is_what_hydra_composes(stage: Stage, call: Call) -> None:
    """Hydra itself composes a job to the same config, and to the same settings of its own."""
    compilation = stage.train.compile_call("train", call.overrides, call.multirun)
    if compilation.is_sound:
        for job in {id(job): job for job in (compilation.jobs[0], compilation.jobs[-1])}.values():
            _assert_as_hydras(stage, job)


def _assert_as_hydras(stage: Stage, job: Job) -> None:
    try:
        theirs = _hydras(stage, job)
    except ConfigCompositionException as error:
        # Hydra does not delete what is `???`
        assert "Could not delete from config" in str(error)
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
    assert _text(OmegaConf.to_container(theirs)) == _text(job.composed.root.plain())


@pytest.mark.parametrize(
    "override",
    [
        "+model.width=[]",
        "+model.width={z: 1}",
        "+model.width=7",
        "+model.width.x=1",
        "model.width=[]",
        "++model.width={z: 1}",
    ],
)
@pytest.mark.parametrize(
    "old",
    [
        "${oc.env:SEROTINY_TEST_UNSET}",
        "${oc.env:SEROTINY_TEST_UNSET,null}",
        "${missing.key}",
        "${model.width}",
        "${seed}",
        "${model.layers}",
        "${data}",
        "\\${seed}",
    ],
)
def test_what_replaces_an_interpolation_is_refused_where_hydra_refuses_it(
    stage: Stage, old: str, override: str
) -> None:
    """`+` needs the value of what it replaces, as in Hydra; `++` and a change do not."""
    overrides = ("++model.part=null", f"++model.width='{old}'", override)
    compilation = stage.check.compile_call("train", overrides, multirun=False)
    try:
        theirs = _hydras(stage, compilation.jobs[0])
    except ConfigCompositionException:
        assert not compilation.is_sound
        return
    told = [found for found in compilation.diagnostics if found.is_error and found.code != "SER305"]
    assert [] == told
    with open_dict(theirs):
        del theirs["hydra"]
    assert _text(OmegaConf.to_container(theirs)) == _text(compilation.jobs[0].composed.root.plain())


@pytest.mark.parametrize(
    "override",
    ["~model.width", "~model.width=1", "~model.width.x", "~model.width.0", "~model.width.batch_size"],
)
@pytest.mark.parametrize(
    "old",
    [
        "${oc.env:SEROTINY_TEST_UNSET}",
        "${oc.env:SEROTINY_TEST_UNSET,null}",
        "${oc.env:SEROTINY_TEST_UNSET,1}",
        "${oc.decode:1}",
        "${missing.key}",
        "${model.width}",
        "${seed}",
        "${model.layers}",
        "${data}",
        "${..data}",
        "${other}",
        "${oc.create:{x: 1}}",
        "\\${seed}",
    ],
)
def test_what_deletes_an_interpolation_is_refused_where_hydra_refuses_it(
    stage: Stage, old: str, override: str
) -> None:
    """`~` needs the value of what it deletes, as in Hydra; behind a reference it deletes from what is referred to."""
    before = ("++model.part=null", "++seed=1", "++other='${data}'", f"++model.width='{old}'")
    compilation = stage.check.compile_call("train", (*before, override), multirun=False)
    try:
        theirs = _hydras(stage, compilation.jobs[0])
    except (ConfigCompositionException, TypeError):  # the second where it is an element of a list
        assert not compilation.is_sound
        return
    told = [found for found in compilation.diagnostics if found.code in ("SER106", "SER107")]
    assert [] == told
    with open_dict(theirs):
        del theirs["hydra"]
    assert _text(OmegaConf.to_container(theirs)) == _text(compilation.jobs[0].composed.root.plain())


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
    return _text(OmegaConf.to_container(OmegaConf.masked_copy(node, [name]), resolve=False))
