"""For any call, the job that is checked is the job that runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hydra.core.plugins import Plugins
from hydra.core.utils import setup_globals
from hydra.errors import ConfigCompositionException
from hypothesis import HealthCheck, event, example, given, settings
from omegaconf import OmegaConf, open_dict

from serotiny.compiler.hydra.config_source import SerotinySource
from serotiny.launch.compiled_jobs import compile_jobs
from serotiny.schemas.hydra_store import register
from tests.property.call_agreement import Stage, agree, as_text, assert_as_hydras, hydras, receive
from tests.property.call_project import write_project
from tests.property.calls import SECRET, SECRET_NAME, Call, calls
from tests.property.template_calls import ROOT_NAME, template_calls, write_template

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # Hydra's, of defaults lists without `_self_`

CALLS = int(os.environ.get("SEROTINY_TEST_CALLS", "40"))
"""The number of calls that are drawn; `make search` draws more."""


@pytest.fixture(scope="module", autouse=True)
def _environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Hydra, as an operation sets it up, and the variables that the projects read; each project is in this folder."""
    before, folder = Path.cwd(), tmp_path_factory.mktemp("calls")
    register()
    setup_globals()
    Plugins.instance().register(SerotinySource)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SECRET_NAME, SECRET)
        patch.setenv(ROOT_NAME, str(folder))
        yield folder
    os.chdir(before)


@pytest.fixture(scope="module")
def stage(_environment: Path) -> Stage:
    write_project(_environment / "lab")
    return Stage(_environment / "lab")


@pytest.fixture(scope="module")
def template(_environment: Path) -> Stage:
    return Stage(write_template(_environment / "template"))


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
@example(Call(("++model.part={1: a, true: b}",), multirun=False))
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
@example(Call(("+experiment=choice_sweep", "mlflow.run_name=${oc.env:" + SECRET_NAME + "}"), multirun=True))
@example(Call(("+experiment=folder", "++model.width=${oc.dict.values:data},1"), multirun=True))
@example(Call(("+experiment=[values,folder]", "model.width=1,[1,'${seed}',[a]]"), multirun=True))
@example(
    Call(("++model.part=null", "model.width=[1,'${seed}']", "model.name='x-${model.width}'"), multirun=False)
)
@example(Call(("++model.part=null", "model.name='${oc.decode:\\'3\\'}'"), multirun=False))
@example(
    Call(
        ("++model.part=null", "hydra.run.dir=${model.name}", "model.name=${hydra:runtime.output_dir}"),
        multirun=False,
    )
)
@example(Call(("++model.part=null", "hydra.sweep.dir=${hydra.sweep.subdir}"), multirun=True))
@example(Call(("++model.part=null", "hydra.sweep.dir=${hydra.job.id}"), multirun=False))
@example(Call(("++model.part=null", "hydra.sweep.subdir=${hydra:runtime.output_dir}"), multirun=True))
def test_what_is_checked_is_what_runs(stage: Stage, call: Call) -> None:
    """Check and train tell the same of a call, and each job receives the plan that was checked, without secrets."""
    event("it runs" if agree(stage, call) else "it is refused")


def test_date_of_a_file_reaches_a_job_as_hydra_gives_it(stage: Stage) -> None:
    """A date in a file is the text that is written there: in the check, in the job and in the plan, as in Hydra."""
    call = Call(("+experiment=dated",), multirun=False)
    assert agree(stage, call)
    trained = stage.train.compile_call("train", call.overrides, call.multirun)

    (received,) = receive(trained, compile_jobs(trained, call.overrides))

    model = received.plan.config["model"]
    assert "2024-01-01" == model["name"]
    assert ["2024-01-01 10:00:00", "2024-01-01T10:00:00Z", "2024-01-01"] == model["layers"]
    theirs = hydras(stage, trained.jobs[0])
    assert model == OmegaConf.to_container(theirs.model)


@given(calls)
@settings(max_examples=CALLS // 2, suppress_health_check=[HealthCheck.too_slow])
@example(Call(("++model.part=null", "mlflow.run_name=1e-3"), multirun=False))
@example(Call(("++model.part=null", "model.layers={}"), multirun=False))
@example(Call(("++model.part=null", "++model={layers: {}}"), multirun=False))
@example(Call(("++model.part=null", "model={new: 1}"), multirun=False))
@example(Call(("++model.part=null", "~mlflow.run_name"), multirun=False))
@example(Call(("++model.part=null", "+model.depth='${hydra:job.name}'", "+model.depth=1"), multirun=False))
def test_a_sound_job_is_what_hydra_composes(stage: Stage, call: Call) -> None:
    """Hydra itself composes a job to the same config, and to the same settings of its own."""
    compilation = stage.train.compile_call("train", call.overrides, call.multirun)
    event("it runs" if compilation.is_sound else "it is refused")
    if compilation.is_sound:
        for job in {id(job): job for job in (compilation.jobs[0], compilation.jobs[-1])}.values():
            assert_as_hydras(stage, job)


@given(template_calls)
@settings(max_examples=CALLS // 2, suppress_health_check=[HealthCheck.too_slow])
@example(Call(("hparams_search=optuna",), multirun=False))
@example(Call(("experiment=example", "logger=many_loggers", "~callbacks.early_stopping"), multirun=False))
@example(Call(("hydra/job_logging=none", "debug=default,fdr"), multirun=True))
@example(Call(("task_name=${hydra:job.name}", "hydra/launcher=joblib"), multirun=True))
def test_a_call_of_a_project_of_another_layout_is_what_runs(template: Stage, call: Call) -> None:
    """Parts in a mapping each, experiments with `override /…`, debug options, paths: checked, run and composed alike."""
    is_sound = agree(template, call)
    event("it runs" if is_sound else "it is refused")
    if is_sound:
        compilation = template.train.compile_call("train", call.overrides, call.multirun)
        assert_as_hydras(template, compilation.jobs[-1])


_OTHER = "++other={x: '${hydra:job.name}', y: '${missing.key}'}"
"""What is referred to holds what has no value yet: only on the way to an overridden key does that matter."""


@pytest.mark.parametrize(
    "override",
    [
        "+model.width=[]",
        "+model.width={z: 1}",
        "+model.width=7",
        "+model.width.x=1",
        "+model.width.y.z=1",
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
        "${other}",
        "${hydra:job.name}",
        "a-${hydra:job.num}",
        "\\${seed}",
    ],
)
def test_what_replaces_an_interpolation_is_refused_where_hydra_refuses_it(
    stage: Stage, old: str, override: str
) -> None:
    """`+` needs the value of what it replaces, as in Hydra; `++` and a change do not."""
    overrides = ("++model.part=null", _OTHER, f"++model.width='{old}'", override, "other=null")
    compilation = stage.check.compile_call("train", overrides, multirun=False)
    try:
        theirs = hydras(stage, compilation.jobs[0])
    except ConfigCompositionException:
        assert not compilation.is_sound
        return
    told = [found for found in compilation.diagnostics if found.is_error and found.code != "SER305"]
    assert [] == told
    with open_dict(theirs):
        del theirs["hydra"]
    assert as_text(OmegaConf.to_container(theirs)) == as_text(compilation.jobs[0].composed.root.plain())


@pytest.mark.parametrize(
    "override",
    [
        "~model.width",
        "~model.width=1",
        "~model.width.x",
        "~model.width.y",
        "~model.width.0",
        "~model.width.batch_size",
    ],
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
        "${again}",
        "${hydra:job.name}",
        "${oc.create:{x: 1}}",
        "\\${seed}",
    ],
)
def test_what_deletes_an_interpolation_is_refused_where_hydra_refuses_it(
    stage: Stage, old: str, override: str
) -> None:
    """`~` needs the value of what it deletes, as in Hydra; behind a reference it deletes from what is referred to."""
    before = ("++model.part=null", "++seed=1", _OTHER, "++again='${data}'", f"++model.width='{old}'")
    compilation = stage.check.compile_call("train", (*before, override, "other=null"), multirun=False)
    try:
        theirs = hydras(stage, compilation.jobs[0])
    except (ConfigCompositionException, TypeError):  # the second where it is an element of a list
        assert not compilation.is_sound
        return
    told = [found for found in compilation.diagnostics if found.code in ("SER106", "SER107")]
    assert [] == told
    with open_dict(theirs):
        del theirs["hydra"]
    assert as_text(OmegaConf.to_container(theirs)) == as_text(compilation.jobs[0].composed.root.plain())
