"""Projects that others wrote: checked without an edit, written down by `init`, and run as their own scripts run them."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from serotiny.compiler.project_check.compile_project import compile_project
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.validation.validate import Validator

PROJECTS = Path(__file__).parents[2] / "cases" / "projects"
NAMES = sorted(path.name for path in PROJECTS.iterdir())


def copied(name: str, tmp_path: Path) -> Path:
    root = tmp_path / name
    shutil.copytree(PROJECTS / name, root, ignore=shutil.ignore_patterns("__pycache__"))
    return root


def run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PROJECT_ROOT"}
    environment["PWD"] = str(root)  # as a shell has it
    return subprocess.run(
        [sys.executable, *command], cwd=root, env=environment, capture_output=True, text=True, check=False
    )


def serotiny(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(root, "-m", "serotiny.cli.main", *arguments)


@pytest.mark.parametrize("name", NAMES)
def test_project_of_another_layout_has_no_error(name: str, tmp_path: Path) -> None:
    """Without any edit, with the table that `init` writes, and when `init` is called again."""
    root = copied(name, tmp_path)

    plain = serotiny(root, "check", "config")
    assert (0, True) == (plain.returncode, "error" not in plain.stdout), plain.stdout
    assert "no [tool.serotiny] table" in plain.stderr

    assert 0 == serotiny(root, "init", "--yes").returncode
    written = (root / "pyproject.toml").read_bytes()
    assert "nothing to do" in serotiny(root, "init", "--yes").stdout
    assert written == (root / "pyproject.toml").read_bytes()
    declared = serotiny(root, "check", "config")
    assert (0, plain.stdout) == (declared.returncode, declared.stdout)


SLIPS = [
    # a project's file, what is written there, the slip in its place, and the code that it has
    ("template", "configs/train.yaml", "model: net", "model: nett", "SER104"),
    ("template", "configs/train.yaml", "seed: null", "seed: twelve", "SER303"),
    ("template", "configs/eval.yaml", "trainer: default", "trainr: default", "SER103"),
    ("template", "configs/data/points.yaml", "batch_size", "batchsize", "SER301"),
    ("template", "configs/data/points.yaml", "${paths.data_dir}", "${paths.dta_dir}", "SER201"),
    ("template", "configs/model/net.yaml", "DenseNet", "DensNet", "SER305"),
    ("template", "configs/model/net.yaml", "compile: false", "# compile", "SER302"),
    ("template", "configs/model/net.yaml", "PointsModule", "PointsModul", "SER305"),
    ("template", "configs/callbacks/default.yaml", "\nearly_stopping:", "\nearly_stoping:", "SER309"),
    ("template", "configs/callbacks/default.yaml", "- model_summary", "- model_sumary", "SER105"),
    ("template", "configs/callbacks/model_checkpoint.yaml", "ModelCheckpoint", "ModelCheckpont", "SER305"),
    ("template", "configs/callbacks/early_stopping.yaml", "_target_:", "_tagret_:", "SER309"),
    ("template", "configs/callbacks/early_stopping.yaml", "_target_:", "_class_:", "SER309"),
    ("template", "configs/logger/csv.yaml", "_target_:", "_target:", "SER309"),
    ("template", "configs/logger/csv.yaml", "_target_:", "target:", "SER309"),
    ("template", "configs/debug/fdr.yaml", "trainer:\n  ", "trainer:\n", "SER302"),
    ("template", "configs/trainer/default.yaml", "max_epochs: 3", "max_epochs: three", "SER303"),
    ("template", "configs/trainer/ddp.yaml", "sync_batchnorm", "sync_batch_norm", "SER301"),
    ("template", "configs/logger/csv.yaml", "save_dir", "savedir", "SER301"),
    ("template", "configs/experiment/example.yaml", "/callbacks: default", "/callbacks: defalt", "SER104"),
    ("template", "configs/experiment/example.yaml", "hidden_size: 16", "hiden_size: 16", "SER301"),
    ("template", "configs/debug/limit.yaml", "limit_val_batches", "limit_val_batch", "SER301"),
    ("cells", "configs/experiment/im2im/segmentation.yaml", "source_col: raw", "sourcecol: raw", "SER201"),
    (
        "cells",
        "configs/experiment/im2im/arrays.yaml",
        "/data: im2im/loaders",
        "/data: im2im/loader",
        "SER104",
    ),
    ("cells", "configs/data/im2im/segmentation.yaml", "channels:", "chanels:", "SER301"),
    ("cells", "configs/data/im2im/unused.yaml", "columns:", "colums:", "SER301"),
    ("cells", "configs/model/im2im/segmentation.yaml", "x_key:", "xkey:", "SER301"),
    ("cells", "configs/model/im2im/segmentation.yaml", "${pairs:", "${pair:", "SER205"),
    ("cells", "configs/model/im2im/segmentation.yaml", "\n_aux:", "\n_axu:", "SER301"),
    ("cells", "configs/callbacks/default.yaml", "model_checkpoint.yaml", "model_chekpoint.yaml", "SER105"),
    ("cells", "configs/trainer/gpu.yaml", "devices: 1", "devces: 1", "SER301"),
    ("atoms", "src/atoms/configs/train.yaml", "- lrmonitor", "- lrmonitr", "SER104"),
    ("atoms", "src/atoms/configs/data/qm9.yaml", "num_train: 110000", "num_train: many", "SER303"),
    ("atoms", "src/atoms/configs/data/sampler/stratified.yaml", "bins: 10", "bin: 10", "SER301"),
    (
        "atoms",
        "src/atoms/configs/model/representation/painn.yaml",
        "n_interactions",
        "n_interaction",
        "SER301",
    ),
    (
        "atoms",
        "src/atoms/configs/model/representation/radial_basis/bessel.yaml",
        "n_rbf: 20",
        "n_rbf: x",
        "SER303",
    ),
    ("atoms", "src/atoms/configs/task/optimizer/sgd.yaml", "${globals.lr}", "${global.lr}", "SER201"),
    ("atoms", "src/atoms/configs/task/default_task.yaml", "atoms.task.Task", "atoms.model.PaiNN", "SER306"),
    ("atoms", "src/atoms/configs/predict.yaml", "${cutoff}", "${cutof}", "SER201"),
]


@pytest.mark.parametrize("name", NAMES)
def test_slip_is_found_in_its_place(name: str) -> None:
    """Each slip gives an error of its code on its line, or where it takes a name away, at the file that misses it."""
    project = find_project(PROJECTS / name)
    validator = Validator.of_project(project)
    misses: list[str] = []
    for _, file, old, new, code in [slip for slip in SLIPS if slip[0] == name]:
        path = PROJECTS / name / file
        before = path.read_text("utf-8")
        assert old in before, (file, old)
        after = before.replace(old, new, 1)
        compiler = Compiler(Sources(project, {path: after}), validator)
        found = [fault for fault in compile_project(compiler).diagnostics if fault.is_error]
        line = after[: after.index(new)].count("\n") + 1 + new.startswith("\n")
        here = [
            fault
            for fault in found
            if fault.code == code and (fault.place.file, fault.place.line) == (file, line)
        ]
        elsewhere = [fault for fault in found if fault.code == code]
        if not here and not (code in _AT_THE_USE and elsewhere):
            told = [f"{fault.code} {fault.place}" for fault in found]
            misses.append(f"{file}:{line} {new.strip()}: {told}")
    assert [] == misses


_AT_THE_USE = ("SER201", "SER302")
"""What is missing is told where it is asked for."""


def metrics(folder: Path) -> list[dict[str, str]]:
    """The rows of the CSV logger that the config names."""
    with (folder / "csv/version_0/metrics.csv").open() as file:
        return list(csv.DictReader(file))


def loaded(file: Path) -> Any:
    return yaml.safe_load(file.read_text())


def weights(file: Path) -> dict[str, torch.Tensor]:
    state: dict[str, torch.Tensor] = torch.load(file, weights_only=True)["state_dict"]
    return state


def assert_same_weights(left: Path, right: Path) -> None:
    ours, theirs = weights(left), weights(right)
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.timeout(600)
def test_template_trains_tests_resumes_and_sweeps_as_its_own_script(tmp_path: Path) -> None:
    """The same checkpoints are chosen, with the same metrics to the last digit."""
    root = copied("template", tmp_path)
    call = ("experiment=example", "logger=csv")
    longer = (*call, "trainer.max_epochs=6", "ckpt_path=own/checkpoints/last.ckpt")
    record = "mlflow.tracking_uri=null"

    own = run(root, "src/train.py", *call, "hydra.run.dir=own")
    assert 0 == own.returncode, own.stderr
    ours = serotiny(root, "train", *call, "hydra.run.dir=ours", record)
    assert 0 == ours.returncode, ours.stderr

    assert metrics(root / "own") == metrics(root / "ours")
    best = (root / "own/best.txt").read_text()
    assert f"ours/checkpoints/{best}" in ours.stdout
    assert_same_weights(root / "own/checkpoints" / best, root / "ours/checkpoints" / best)
    assert (root / "ours/tags.log").read_text() == "['points', 'wide']\n"
    assert "gradient_clip_val: 0.5" in (root / "ours/config_tree.log").read_text()

    resumed = run(root, "src/train.py", *longer, "hydra.run.dir=own_on")
    assert 0 == resumed.returncode, resumed.stderr
    swept = serotiny(root, "train", "-m", *longer, "test=true,false", "hydra.sweep.dir=sweep", record)
    assert 0 == swept.returncode, swept.stderr
    assert metrics(root / "own_on") == metrics(root / "sweep/0")
    assert metrics(root / "own_on")[:-1] == [
        {**row, "test/acc": "", "test/loss": ""} for row in metrics(root / "sweep/1")
    ]

    test = ("ckpt_path=own/checkpoints/last.ckpt", "logger=csv", "model.net.hidden_size=16")
    assert 0 == run(root, "src/eval.py", *test, "hydra.run.dir=own_eval").returncode
    tested = serotiny(root, "test", *test, "hydra.run.dir=our_eval", record)
    assert 0 == tested.returncode, tested.stderr
    assert [{**row, "step": ""} for row in metrics(root / "own_eval")] == [
        {**row, "step": ""} for row in metrics(root / "our_eval")
    ]


@pytest.mark.timeout(300)
def test_switches_of_the_template_do_what_its_own_script_does(tmp_path: Path) -> None:
    """`train: false`, `test`, `seed`, `task_name`, `.env`, `ignore_warnings`, no callbacks, and the root that is not set."""
    root = copied("template", tmp_path)
    data = root / "src/data/points.py"
    data.write_text(data.read_text().replace("super().__init__()", _WARNING))
    record = "mlflow.tracking_uri=null"

    untrained = ("train=false", "test=true", "seed=3", "logger=csv", "callbacks=none")
    own = run(root, "src/train.py", *untrained, "hydra.run.dir=own")
    ours = serotiny(root, "train", *untrained, "hydra.run.dir=ours", record)
    assert (0, 0) == (own.returncode, ours.returncode), own.stderr + ours.stderr
    assert metrics(root / "own") == metrics(root / "ours")
    assert {"test/acc", "test/loss", "epoch", "step"} == metrics(root / "ours")[0].keys()
    assert not (root / "ours/checkpoints/last.ckpt").exists()
    assert "rows are few" in ours.stderr

    (root / ".env").write_text("POINTS_TASK=tiny\n")
    named = ("task_name=${oc.env:POINTS_TASK}", "test=false", "trainer.max_epochs=1")
    quiet = serotiny(root, "train", *named, "extras.ignore_warnings=true", record)
    assert 0 == quiet.returncode, quiet.stderr
    [folder] = (root / "logs/tiny/runs").iterdir()
    assert "rows are few" not in quiet.stderr
    assert (folder / "checkpoints/last.ckpt").is_file()
    assert not any("test/" in line for line in quiet.stdout.splitlines())


_WARNING = 'super().__init__()\n        __import__("warnings").warn("rows are few")'


@pytest.mark.timeout(300)
def test_every_experiment_of_the_template_is_swept_over_and_debugged(tmp_path: Path) -> None:
    """`experiment=glob(*)` runs each, and to the same weights; `debug=limit` shortens both, without callbacks and loggers."""
    root = copied("template", tmp_path)
    example = (root / "configs/experiment/example.yaml").read_text()
    (root / "configs/experiment/narrow.yaml").write_text(example.replace("hidden_size: 16", "hidden_size: 4"))
    call = ("-m", "experiment=glob(*)", "debug=limit", "test=false")

    own = run(root, "src/train.py", *call, "hydra.sweep.dir=own")
    ours = serotiny(root, "train", *call, "hydra.sweep.dir=ours", "mlflow.tracking_uri=null")

    assert (0, 0) == (own.returncode, ours.returncode), own.stderr + ours.stderr
    for number, experiment in enumerate(("example", "narrow")):
        chosen = loaded(root / f"ours/{number}/.hydra/hydra.yaml")["hydra"]["runtime"]["choices"]
        assert ("limit", experiment) == (chosen["debug"], chosen["experiment"])
        [checkpoint] = (root / f"own/{number}/checkpoints").iterdir()
        assert_same_weights(checkpoint, root / f"ours/{number}/checkpoints/last.ckpt")


@pytest.mark.timeout(300)
def test_search_of_the_template_finds_what_its_own_script_finds(tmp_path: Path) -> None:
    """Optuna proposes the same trials, by the objective that `optimized_metric` names, and ends with the same one."""
    root = copied("template", tmp_path)
    call = ("hparams_search=optuna", "trainer.max_epochs=1", "hydra.sweeper.n_trials=2", "seed=1")

    own = run(root, "src/train.py", "-m", *call, "hydra.sweep.dir=own")
    assert 0 == own.returncode, own.stderr
    ours = serotiny(root, "train", "-m", *call, "hydra.sweep.dir=ours", "mlflow.tracking_uri=null")
    assert 0 == ours.returncode, ours.stderr

    proposed = [
        [loaded(root / who / f"{trial}/.hydra/overrides.yaml")[:2] for trial in range(2)]
        for who in ("own", "ours")
    ]
    assert proposed[0] == proposed[1]
    results = [loaded(root / who / "optimization_results.yaml") for who in ("own", "ours")]
    assert {"best_params", "best_value", "name"} == set(results[0])
    assert results[0] == results[1]


@pytest.mark.parametrize(
    ("name", "head", "script"),
    [
        ("config", "defaults: [{model: small}, _self_]", None),
        ("config", "", None),
        ("main", "defaults: [{model: small}, _self_]", None),
        ("main", "", '@hydra.main(config_path="configs", config_name="main", version_base=None)'),
    ],
)
def test_primary_config_of_any_name_is_checked(
    tmp_path: Path, name: str, head: str, script: str | None
) -> None:
    """Hydra's usual name, one with a defaults list, or one that a script names; nothing of serotiny's is checked instead."""
    (tmp_path / "configs/model").mkdir(parents=True)
    (tmp_path / "configs/model/small.yaml").write_text("_target_: torch.nn.Identity\n")
    (tmp_path / f"configs/{name}.yaml").write_text(f"{head}\nwidth: 3\ntwice: ${{widht}}\n")
    if script is not None:
        (tmp_path / "start.py").write_text(f"import hydra\n\n\n{script}\ndef main(config): ...\n")
    project = find_project(tmp_path, config_dir=None if script else Path("configs"))
    compiler = Compiler.of_project(project)

    for found in (compile_project(compiler), compiler.compile_call(name, [])):
        assert [("SER201", "twice")] == [(fault.code, fault.key) for fault in found.diagnostics]


def test_what_serotiny_does_not_do_is_an_error_before_anything_runs(tmp_path: Path) -> None:
    """A key that only the own script may read, one that `mlflow` does not have, and tags that are asked for.

    Checking is content with all of them, since the own script may be run.
    """
    root = copied("template", tmp_path)
    extra = ("+compile_model=true", "+extras.upload=true", "tags=null", "++mlflow.run_nam=wide")

    assert 0 == serotiny(root, "check", "config", "train", *extra).returncode
    refused = serotiny(root, "train", *extra)

    assert (1, "") == (refused.returncode, refused.stdout)
    told = [line.partition(":")[0] for line in refused.stderr.splitlines() if line.startswith("error")]
    assert ["error[SER115]", "error[SER115]", "error[SER116]", "error[SER301]"] == sorted(told)
    assert not (root / "logs").exists()


def test_option_that_the_own_script_picks_is_to_be_chosen_in_the_call(tmp_path: Path) -> None:
    """Checking is content with it, as the resolver is registered somewhere; running says what to write."""
    root = copied("template", tmp_path)
    config, script = root / "configs/train.yaml", root / "src/train.py"
    config.write_text(config.read_text().replace("- trainer: default", "- trainer: ${pick_trainer:}"))
    script.write_text(
        "from omegaconf import OmegaConf\n\n"
        'OmegaConf.register_new_resolver("pick_trainer", lambda: "default")\n' + script.read_text()
    )

    assert 0 == serotiny(root, "check", "config", "train").returncode
    refused = serotiny(root, "train")
    assert (1, "") == (refused.returncode, refused.stdout)
    assert "choose one in the call: `trainer=…`" in refused.stderr
    assert 0 == serotiny(root, "train", "trainer=default", "--cfg", "job").returncode


def test_operation_that_nothing_names_is_not_guessed(tmp_path: Path) -> None:
    """In a layout of which only Hydra knows, the table says what is run."""
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs/config.yaml").write_text("a: 1\n")

    refused = serotiny(tmp_path, "train")

    assert 2 == refused.returncode
    assert "nothing says what `serotiny train` runs in this project" in refused.stderr


def test_resolver_of_the_project_is_there_in_the_job(tmp_path: Path) -> None:
    """What the check knows to be registered is imported by the job; what only a script registers is told."""
    root = copied("template", tmp_path)
    config = root / "configs/model/net.yaml"
    config.write_text(config.read_text().replace("hidden_size: 8", "hidden_size: ${twice:4}"))
    sizes = root / "src/sizes.py"
    sizes.write_text(
        "from omegaconf import OmegaConf\n"
        'OmegaConf.register_new_resolver("twice", lambda number: 2 * number, replace=True)\n'
    )
    call = ("train", "train=false", "test=false")

    done = serotiny(root, *call)
    assert 0 == done.returncode, done.stderr

    sizes.write_text(sizes.read_text().replace("\nOmega", "\ndef setup():\n    Omega"))
    refused = serotiny(root, *call)
    assert "does not register the resolver `twice`" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_part_that_the_script_makes_in_its_own_way_is_told_and_then_run(tmp_path: Path) -> None:
    """With the script's `_recursive_` written into the config it trains; what the script deletes is left out."""
    root = copied("cells", tmp_path)
    call = ("experiment=im2im/segmentation", "trainer=default", "~checkpoint", "trainer.max_epochs=1")

    refused = serotiny(root, "train", *call)
    assert (1, 1) == (refused.returncode, refused.stderr.count("error["))
    assert "error[SER115]: the project's own script makes `model` with a `_recursive_`" in refused.stderr
    assert "configs/model/im2im/segmentation.yaml:1:11" in refused.stderr

    ran = serotiny(root, "train", *call, "+model._recursive_=false")
    assert 0 == ran.returncode, ran.stderr
    assert "_aux" not in ran.stderr
    assert "test/loss" in ran.stdout


def test_missing_part_is_told_where_it_would_be_chosen(tmp_path: Path) -> None:
    """At the entry that chooses nothing, not in the config that was merged last."""
    refused = serotiny(copied("cells", tmp_path), "train")

    assert "error[SER302]: `train` needs `model`\n  --> configs/train.yaml:5:5" in refused.stderr


@pytest.mark.parametrize(
    ("script", "table", "told", "given"),
    [
        ("net = cfg.model.pop('note')", "", "`note` is not a parameter", None),
        ("net = cfg.model.pop('note')", 'ignored_keys = ["note"]', None, {}),
        ("del cfg.model['note']", "", None, {}),
        ("instantiate(cfg.model, wide=3)", 'ignored_keys = ["note"]', "gives `wide` to `model`", None),
    ],
)
def test_what_the_script_does_to_a_part_is_done_by_a_run_too_or_told(
    tmp_path: Path, script: str, table: str, told: str | None, given: dict[str, Any] | None
) -> None:
    """A key that it throws away, or that the table ignores, is left out of the plan; all else is SER115."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "configs").mkdir()
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.serotiny]\npackage = "shop"\nconfig = "configs"\nlayout = "lightning-hydra-template"\n{table}\n'
    )
    (tmp_path / "shop/__init__.py").write_text("")
    (tmp_path / "shop/model.py").write_text(
        "from lightning import LightningModule\n\n\nclass Model(LightningModule):\n"
        "    def __init__(self, wide: int = 1) -> None: ...\n"
    )
    (tmp_path / "shop/train.py").write_text(
        f"from hydra.utils import instantiate\n\n\ndef train(cfg):\n    {script}\n    instantiate(cfg.model)\n"
    )
    (tmp_path / "configs/train.yaml").write_text(
        "data: {_target_: lightning.LightningDataModule}\n"
        "model: {_target_: shop.model.Model, note: a}\n"
        "trainer: {_target_: lightning.Trainer}\n"
    )
    job = Compiler.of_project(find_project(tmp_path)).compile_call("train", []).jobs[0]
    assert job.is_sound, job.diagnostics

    faults = [fault.message for fault in job.by_script().faults]
    assert ([] if told is None else [True]) == [told is not None and told in fault for fault in faults]
    if given is not None:
        assert {"_target_": "shop.model.Model", **given} == job.plan().config["model"]


def test_handler_of_the_project_that_needs_what_is_not_installed_may_be_named(tmp_path: Path) -> None:
    """What is missing is told where it is needed; nobody else has written the class."""
    (tmp_path / "conf").mkdir()
    (tmp_path / "study").mkdir()
    (tmp_path / "study/__init__.py").write_text("")
    (tmp_path / "study/logs.py").write_text(
        "import logging\nimport not_installed\nclass Slow(logging.Handler): ...\n"
    )
    (tmp_path / "run.py").write_text(
        'import hydra\nimport study\n@hydra.main(config_path="conf", config_name="train")\ndef f(cfg): ...\n'
    )
    (tmp_path / "conf/train.yaml").write_text(
        "hydra:\n  job_logging:\n    handlers:\n      slow: {class: study.logs.Slow}\n"
    )

    assert "SER505" not in serotiny(tmp_path, "check", "config").stdout


def test_all_folders_of_configs_of_a_repository_are_checked(tmp_path: Path) -> None:
    """Each by itself, under its own name, and no more of them anew than an edit can change."""
    script = "import hydra\n@hydra.main(version_base=None, config_path='conf', config_name='main')\ndef main(cfg):\n    hydra.utils.instantiate(cfg.layer)\n"
    layer = "layer:\n  _target_: torch.nn.Linear\n  in_features: 3\n  out_features: {}\n"
    for name, width in {"": 2, "tools/first/": "wide", "tools/second/": 4}.items():
        (tmp_path / f"{name}conf").mkdir(parents=True)
        (tmp_path / f"{name}run.py").write_text(script)
        (tmp_path / f"{name}conf/main.yaml").write_text(layer.format(width))

    told = serotiny(tmp_path, "check", "config")
    call = serotiny(tmp_path, "check", "config", "tools/first/conf/main")
    anew = serotiny(tmp_path, "check", "config", "--no-cache")
    again = serotiny(tmp_path, "check", "config")

    assert "those in tools/first/conf, tools/second/conf are checked too" in told.stderr
    assert "--> tools/first/conf/main.yaml:4:17" in told.stdout
    assert "  in `tools/first/conf/main`\n" in told.stdout
    assert told.stdout.endswith("1 error in 3 jobs\n")
    assert call.stdout.endswith("1 error in 1 job\n")
    assert (told.stdout, 1) == (anew.stdout, anew.returncode) == (again.stdout, again.returncode)

    (tmp_path / "tools/first/conf/main.yaml").write_text(layer.format(2))
    (tmp_path / "tools/second/conf/main.yaml").write_text(layer.format("deep"))
    edited = serotiny(tmp_path, "check", "config")

    assert "--> tools/second/conf/main.yaml:4:17" in edited.stdout
    assert edited.stdout.endswith("1 error in 3 jobs\n")


def test_all_folders_of_configs_are_in_the_table_that_init_writes(tmp_path: Path) -> None:
    """So that it changes nothing of what is told."""
    script = "import hydra\nfrom study.net import Net\n@hydra.main(version_base=None, config_path='{}', config_name='main')\ndef main(cfg):\n    Net(**cfg.net)\n"
    net = "net:\n  width: {}\n"
    (tmp_path / "study").mkdir()
    (tmp_path / "study/__init__.py").touch()
    (tmp_path / "study/net.py").write_text("class Net:\n    def __init__(self, width: int): ...\n")
    for name, width in {"conf": 2, "other": "wide"}.items():
        (tmp_path / f"study/{name}.py").write_text(script.format(name))
        (tmp_path / f"study/{name}").mkdir()
        (tmp_path / f"study/{name}/main.yaml").write_text(net.format(width))
    plain = serotiny(tmp_path, "check", "config")

    told = serotiny(tmp_path, "init", "--yes")
    declared = serotiny(tmp_path, "check", "config")

    assert 'other_configs = ["study/other"]' in told.stdout
    assert "the first check: 1 error in 2 jobs" in told.stdout
    assert plain.stdout == declared.stdout
