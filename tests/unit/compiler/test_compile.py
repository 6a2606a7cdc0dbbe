"""Compiling jobs, sweeps and whole projects: what is compiled, what is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import Project
from serotiny.compiler.project_check.compile_project import compile_project
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.validation.validate import Validator

MODEL = "_target_: serotiny.models.TabularVAE\nx_label: x\nx_dim: 2\nlatent_dim: 2\nhidden_layers: [8]\n"
DATA = "_target_: pytorch_lightning.LightningDataModule\n"


def compiler(root: Path, **configs: str) -> Compiler:
    """A compiler of configs by name, with `__` for a folder's slash."""
    for name, text in configs.items():
        path = root / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    project = Project(root=root, package=None, config_folders=(root,))
    return Compiler(Sources(project), Validator.of_project(project))


@pytest.fixture
def complete(tmp_path: Path) -> Compiler:
    return compiler(tmp_path, model__default=MODEL, data__default=DATA)


def called(made: Compiler) -> list[tuple[str, tuple[str, ...]]]:
    return [(job.composed.primary, job.overrides) for job in compile_project(made).jobs]


def test_a_project_without_operation_files_has_all_three(complete: Compiler) -> None:
    """Where data and model have a `default`, every operation can be called, so each is compiled."""
    assert [("train", ()), ("test", ()), ("predict", ())] == called(complete)
    assert compile_project(complete).is_sound


def test_operations_without_a_file_are_skipped_where_groups_are_not_complete(tmp_path: Path) -> None:
    """A project whose files choose the options is checked for the operations that have a file."""
    train = "defaults:\n  - model: vae\n  - data: iris\n  - _self_\n"

    assert [("train", ())] == called(compiler(tmp_path, train=train, model__vae=MODEL, data__iris=DATA))


def test_each_option_that_no_operation_chooses_is_compiled_once(tmp_path: Path) -> None:
    """Options are called by their group, with `+` for a group that no defaults list has."""
    made = compiler(
        tmp_path,
        train="defaults:\n  - model: default\n  - _self_\n",
        model__default=MODEL,
        model__big=MODEL,
        data__rows=DATA,
        optimizer__adam="_target_: torch.optim.Adam\n",
        sweeps__grid="method: grid\n",
        hydra__launcher__mine="a: 1\n",
    )

    options = ("model=big", "+data=rows", "+optimizer=adam")
    expected = [("train", ()), *(("train", (option,)) for option in options)]
    assert expected == called(made)


def test_parts_that_others_include_are_judged_with_those(tmp_path: Path) -> None:
    """An option that another one completes is part of its job, and needs none of its own."""
    made = compiler(
        tmp_path,
        model__default=f"defaults:\n  - part\n  - _self_\n{MODEL}",
        model__part="_target_: serotiny.models.TabularVAE\nlatent_dim: ???\n",
        model__alone="_target_: serotiny.models.TabularVAE\n",
        data__default=DATA,
    )

    faults = compile_project(made).diagnostics

    assert {"model/alone.yaml"} == {fault.place.file for fault in faults}
    assert {"SER302"} == {fault.code for fault in faults}


def test_an_option_that_is_not_there_is_told_each_time(complete: Compiler) -> None:
    """What was remembered without it does not answer for it, however often it is asked for."""
    complete.compile_job("train", ())

    told = [complete.compile_job("train", ("model=nowhere",)).diagnostics for _ in range(2)]

    assert [["SER104"], ["SER104"]] == [[fault.code for fault in faults] for faults in told]


def test_a_fault_of_several_jobs_is_told_once(complete: Compiler) -> None:
    """The jobs that have it are counted from 0."""
    (fault,) = complete.compile_call("train", ("model.x_dim=1,x,y",), multirun=True).diagnostics[:1]
    shared = complete.compile_call("train", ("model.x_dim=1,2", "model.x_dm=3"), multirun=True).diagnostics

    assert ("SER303", (1,)) == (fault.code, fault.jobs)
    assert [("SER107", (0, 1))] == [(found.code, found.jobs) for found in shared]


def test_a_sweeps_fault_stands_in_what_was_typed(complete: Compiler) -> None:
    """The value at fault is underlined in the argument of the sweep."""
    (fault,) = complete.compile_call("train", ("model.x_dim=1,x",), multirun=True).diagnostics

    assert ("model.x_dim=1,x", 15, 16) == (fault.place.override, fault.place.column, fault.place.end_column)


@pytest.mark.parametrize(
    ("name", "jobs"),
    [("same", [(0, 1)]), ("s-${model.x_dim}", []), ("null", [])],
)
def test_repeated_run_names_are_told(complete: Compiler, name: str, jobs: list[tuple[int, ...]]) -> None:
    """SER402 for a name that more than one job would take, with those jobs."""
    overrides = ("model.x_dim=1,2", f"mlflow.run_name={name}", "mlflow.tracking_uri=https://host")

    found = complete.compile_call("train", overrides, multirun=True).diagnostics

    assert [("SER402", held) for held in jobs] == [(fault.code, fault.jobs) for fault in found]


def test_names_in_other_experiments_do_not_repeat(complete: Compiler) -> None:
    """A name is unique within its experiment, not beyond."""
    overrides = ("mlflow.experiment_name=a,b", "mlflow.run_name=same", "mlflow.tracking_uri=https://host")

    assert () == complete.compile_call("train", overrides, multirun=True).diagnostics


@pytest.mark.parametrize(
    "mode",
    [
        "hydra.mode=MULTIRUN",
        'hydra.mode="MULTIRUN"',
        "++hydra.mode='MULTIRUN'",
        "hydra.mode=RunMode.MULTIRUN",
        "+hydra={mode: MULTIRUN}",
        "hydra.mode=${oc.decode:MULTIRUN}",
    ],
)
def test_hydras_own_mode_makes_a_sweep(complete: Compiler, mode: str) -> None:
    """`hydra.mode=MULTIRUN`, in any spelling, does what `-m` does."""
    compilation = complete.compile_call("train", ("model.x_dim=1,2", mode))

    assert (True, 2) == (compilation.is_sweep, len(compilation.jobs))


@pytest.mark.parametrize(
    ("overrides", "is_sweep"), [((), True), (("hydra.mode=RUN",), False), (("+debug=true",), True)]
)
def test_a_config_may_make_a_sweep(tmp_path: Path, overrides: tuple[str, ...], is_sweep: bool) -> None:
    """`hydra: {mode: MULTIRUN}` in `train.yaml` does what `-m` does, and an override goes before it."""
    train = "defaults: [model: default, data: default, _self_]\nhydra: {mode: MULTIRUN}\n"
    made = compiler(tmp_path, train=train, model__default=MODEL, data__default=DATA)

    assert is_sweep == made.compile_call("train", overrides).is_sweep


@pytest.mark.parametrize(
    ("mode", "param", "told"),
    [
        ("MULTIRUN", "model: default,defualt", ["SER104"]),
        ("null", "model: default,defualt", ["SER104"]),
        ("null", "model.latent_dim: 2,x", ["SER303"]),
        ("MULTIRUN", "model.latent_dm: 2,3", ["SER107"]),
        ("null", "model.of_another: 2,3", []),
        ("MULTIRUN", "model.latent_dim: 2,3", []),
    ],
)
def test_values_that_a_config_sweeps_over_are_judged_with_the_project(
    tmp_path: Path, mode: str, param: str, told: list[str]
) -> None:
    """They are told where they stand; a key that is not there may be another option's, unless the config alone is a sweep."""
    train = (
        "defaults: [model: default, data: default, _self_]\n"
        f"hydra:\n  mode: {mode}\n  sweeper:\n    params:\n      {param}\n"
    )
    made = compiler(tmp_path, train=train, model__default=MODEL, data__default=DATA)

    found = [(fault.code, fault.place.file, fault.place.line) for fault in compile_project(made).diagnostics]

    assert [(code, "train.yaml", 6) for code in told] == found


def test_settings_of_a_sweeper_that_is_not_there_are_its_own_affair(tmp_path: Path) -> None:
    """Another sweeper may take what Hydra's own does not: the one that is not there is told alone."""
    train = (
        "defaults: [model: default, data: default, _self_, override hydra/sweeper: own]\n"
        "hydra: {mode: MULTIRUN, sweeper: {params: {model.latent_dim: {min: 2, max: 8}}}}\n"
    )
    made = compiler(tmp_path, train=train, model__default=MODEL, data__default=DATA)

    (fault,) = compile_project(made).diagnostics

    assert "SER104" == fault.code


def test_no_launcher_is_missed_in_a_sweep_alone(tmp_path: Path) -> None:
    """Hydra runs one job without a launcher, and for several asks for one, where the list says that there is none."""
    train = "defaults:\n- model: default\n- data: default\n- _self_\n- override hydra/launcher: null\n"
    made = compiler(tmp_path, train=train, model__default=MODEL, data__default=DATA)

    alone = made.compile_call("train", ()).diagnostics
    (fault,) = made.compile_call("train", ("model.latent_dim=2,3",), multirun=True).diagnostics

    assert () == alone
    assert ("SER203", "train.yaml", 5) == (fault.code, fault.place.file, fault.place.line)


def test_a_sweep_without_m_is_refused(complete: Compiler) -> None:
    """One job is compiled, and the sweep is told."""
    compilation = complete.compile_call("train", ("model.x_dim=1,2",))

    assert (1, ["SER106"]) == (len(compilation.jobs), [fault.code for fault in compilation.diagnostics])


def test_a_plan_is_plain_data_of_a_sound_job(complete: Compiler, tmp_path: Path) -> None:
    """Interpolations are resolved, schema defaults filled in, and the environment's values not logged."""
    job = complete.compile_job(
        "train", ("model.x_dim=3", "model.hidden_layers=[${model.x_dim}]", "mlflow.run_name=n")
    )

    plan = job.plan()

    assert job.is_sound
    assert ("train", "n", str(tmp_path), None) == (
        plan.operation,
        plan.run_name,
        plan.project_root,
        plan.package,
    )
    assert [3] == plan.config["model"]["hidden_layers"]
    assert "default" == plan.choices["model"]
    assert {"serotiny", "torch"} <= set(plan.versions)


def test_the_environment_is_resolved_but_not_logged(
    complete: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan has the value to run with, and the interpolation to show and store."""
    monkeypatch.setenv("STUDY_LABEL", "hidden")

    plan = complete.compile_job("train", ("model.x_label=${oc.env:STUDY_LABEL}",)).plan()

    assert "hidden" == plan.config["model"]["x_label"]
    assert "${oc.env:STUDY_LABEL}" == plan.logged_config["model"]["x_label"]


def test_run_names_and_servers_do_not_change_the_identity(complete: Compiler) -> None:
    """What the job computes decides, and nothing of MLflow."""
    plain, named, other = (
        complete.compile_job("train", overrides).plan().identity
        for overrides in ((), ("mlflow.run_name=x", "mlflow.tracking_uri=https://host"), ("model.x_dim=8",))
    )

    assert plain == named
    assert plain != other


@pytest.mark.parametrize(
    ("override", "codes"),
    [
        ("mlflow.experiment_name=/Users/me/exp", []),
        ("mlflow.run_name=/Users/me/run", ["SER401"]),
        ("mlflow.experiment_name='a\\b'", ["SER401"]),
    ],
)
def test_a_name_is_judged_as_it_is_when_it_is_reserved(
    complete: Compiler, override: str, codes: list[str]
) -> None:
    """An experiment may start with `/`, as all do on Databricks; a run may not, nor either hold a backslash."""
    found = complete.compile_call("train", (override,)).diagnostics

    assert codes == [fault.code for fault in found]


def test_choice_left_open_in_one_call_is_not_left_open_in_the_next(tmp_path: Path) -> None:
    """Two calls with the same configs, one of which leaves the option open, do not share what they merge to."""
    made = compiler(
        tmp_path,
        train="defaults: [data: default, model: default]\n",
        model__default=MODEL,
        data__default=DATA,
    )

    def told(call: str) -> list[str]:
        return [found.code for found in made.compile_call("train", [call]).diagnostics]

    assert [["SER115"], ["SER302"]] == [told("model=${now:%Y}"), told("~model")]


@pytest.mark.parametrize("name", ["table.csv", "run/table.csv"])
def test_a_file_that_is_no_checkpoint_is_told_before_anything_runs(complete: Compiler, name: str) -> None:
    """A check of a call says what the call would: nothing is left to the job that a file shows by itself."""
    file = complete.sources.project.root / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("id,x\n1,2\n")

    (fault,) = complete.compile_call("test", [f"++ckpt_path={name}"]).diagnostics

    assert ("SER309", "ckpt_path") == (fault.code, fault.key)
    assert name in fault.message


def test_an_empty_file_stands_for_a_checkpoint_that_comes_later(complete: Compiler) -> None:
    """A check passes a placeholder, as of a job that another one writes the checkpoint for."""
    (complete.sources.project.root / "last.ckpt").touch()

    assert () == complete.compile_call("test", ["++ckpt_path=last.ckpt"]).diagnostics


@pytest.mark.filterwarnings("error")
def test_form_of_which_omegaconf_warns_is_read_without_a_word(complete: Compiler) -> None:
    """The job itself says so where it runs; a check says what it finds, and nothing else."""
    found = complete.compile_call("train", ["+name=${oc.env:NOT_SET_HERE,}_run"])

    assert "_run" == found.jobs[0].resolved.root.value["name"].value


def test_a_value_that_several_keys_have_is_told_once(tmp_path: Path) -> None:
    """It stands where the value is written, and a note names the other keys."""
    model = MODEL.replace("x_dim: 2", "x_dim: two\nlatent_dim: ${.x_dim}")
    train = "defaults:\n  - model: wide\n  - data: iris\n"
    made = compiler(tmp_path, train=train, model__wide=model, data__iris=DATA)

    told = [fault for fault in made.compile_job("train", ()).diagnostics if fault.code == "SER303"]

    assert [("model.x_dim", "the same goes for `model.latent_dim`")] == [
        (fault.key, fault.notes[-1]) for fault in told
    ]
