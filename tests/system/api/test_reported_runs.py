"""What people have reported of other tools' runs: long parameters, models without hyperparameters, stored plans."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest

import serotiny
from serotiny.compiler.compile import Compiler
from serotiny.compiler.plan.plan_file import read_plan
from serotiny.compiler.project import find_project

PARTS = '''
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader, TensorDataset


class Net(pl.LightningModule):
    """A line that saves no hyperparameters."""

    def __init__(self, settings: dict, block: torch.nn.Module, lr: float = 0.01, where: str = ""):
        super().__init__()
        self.lr = lr
        self.head = torch.nn.Sequential(block, torch.nn.Linear(settings["hidden"], 1))

    def training_step(self, batch, index):
        loss = self.head(batch[0]).square().mean()
        self.log("train_loss", loss)
        return loss

    def test_step(self, batch, index):
        self.log("test_loss", self.head(batch[0]).square().mean())

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.lr)


class Rows(pl.LightningDataModule):
    """Ones."""

    def train_dataloader(self):
        return DataLoader(TensorDataset(torch.ones(8, 4)), batch_size=4)

    test_dataloader = train_dataloader
'''
FILES = {
    "pyproject.toml": '[tool.serotiny]\npackage = "reported"\n',
    "reported/__init__.py": "",
    "reported/parts.py": PARTS,
    "reported/config/data/default.yaml": "_target_: reported.parts.Rows\n",
    "reported/config/model/default.yaml": (
        "_target_: reported.parts.Net\nsettings: {hidden: 3, 'a name (odd): %': 1e3, note: NOTE}\n"
        "block: {_target_: torch.nn.Linear, in_features: 4, out_features: 3}\n"
    ).replace("NOTE", "long " * 1500),
    "reported/config/trainer/default.yaml": (
        "max_epochs: 1\naccelerator: cpu\nenable_progress_bar: false\nenable_model_summary: false\n"
        "log_every_n_steps: 1\n"
    ),
    "reported/config/mlflow/default.yaml": "experiment_name: reported\n",
}


def store(project: Path) -> str:
    return f"sqlite:///{project / 'mlflow.db'}"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One project and store for all: making a store takes MLflow seconds."""
    root = tmp_path_factory.mktemp("reported")
    for name, text in FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("MLFLOW_TRACKING_URI", raising=False)
        patched.syspath_prepend(root)
        patched.chdir(root)
        yield root


def test_run_with_long_and_oddly_named_parameters_goes_on_tests_and_is_loaded(project: Path) -> None:
    """Nothing stops for what MLflow has limits on, nothing trains after the test, and the model needs the run alone."""
    call = ["mlflow.run_name=long", "++model.where=${hydra:runtime.output_dir}"]
    serotiny.run(serotiny.compile("train", call).plan)

    more = serotiny.run(serotiny.compile("train", [*call, "trainer.max_epochs=2", "++test=true"]).plan)
    again = serotiny.run(serotiny.compile("train", [*call, "trainer.max_epochs=2", "++test=true"]).plan)

    assert ("FINISHED", 1.0) == (more.status, more.metrics["epoch"])
    assert "test_loss" in more.metrics
    assert ("run `long` has finished; nothing is left to train",) == again.notes
    assert more.run_id is not None
    model = serotiny.load_model(store(project), more.run_id)
    assert 3 * 4 + 3 + 3 + 1 == sum(parameter.numel() for parameter in model.parameters())
    stored = mlflow.MlflowClient(store(project)).get_run(more.run_id)
    assert "FINISHED" == stored.info.status
    assert 6000 >= max(len(value) for value in stored.data.params.values())


def test_recorded_plan_is_the_job_and_its_config_an_experiment(project: Path) -> None:
    """`config/train.plan.json` of a run compiles to the same job; `config/train.yaml` is the same under a new name."""
    first = serotiny.run(serotiny.compile("train", ["mlflow.run_name=first", "++model.lr=0.02"]).plan)
    assert first.run_id is not None
    # `mlflow.artifacts` would leave the address in the environment of the tests that follow
    folder = Path(mlflow.MlflowClient(store(project)).download_artifacts(first.run_id, "config"))
    compiler = Compiler.of_project(find_project(project), with_hydra=True)
    plan = read_plan(folder / "train.plan.json")
    experiment = project / "reported" / "config" / "replay" / "first.yaml"
    experiment.parent.mkdir()
    experiment.write_text("# @package _global_\n" + (folder / "train.yaml").read_text("utf-8"), "utf-8")

    replayed = compiler.compile_plan(plan, "train.plan.json", (folder / "train.plan.json").read_text("utf-8"))
    again = serotiny.compile("train", ["+replay=first", "mlflow.run_name=second"])

    assert (True, True) == (replayed.is_sound, again.is_sound)
    assert plan.identity == replayed.jobs[0].plan().identity == again.plan.identity
    assert ("first", "second") == (replayed.jobs[0].plan().run_name, again.plan.run_name)


def test_run_that_a_scheduler_has_made_is_gone_on_with(project: Path) -> None:
    """A run without our tags keeps its id: the job is recorded in it, and the same call goes on in it."""
    client = mlflow.MlflowClient(store(project))
    made = client.create_run(client.create_experiment("scheduled"), run_name="spot").info.run_id
    call = [f"mlflow.run_id={made}", "mlflow.experiment_name=scheduled"]

    first, second = (
        serotiny.run(serotiny.compile("train", [*call, f"trainer.max_epochs={epochs}"]).plan)
        for epochs in (1, 2)
    )

    assert [(made, "FINISHED", 0.0), (made, "FINISHED", 1.0)] == [
        (result.run_id, result.status, result.metrics["epoch"]) for result in (first, second)
    ]
    assert 1 == len(client.search_runs([client.get_run(made).info.experiment_id]))
