"""Values that Lightning takes though its annotations exclude them."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
import pytorch_lightning as pl
import torch
from lightning.fabric.utilities.logger import _add_prefix
from pytorch_lightning import callbacks, loggers

from serotiny.targets.lightning_values import (
    FLAGS,
    FLAGS_OF_LOGGERS,
    SWITCHED_OFF,
    UNSET,
    UNSET_IN_LOGGERS,
    WHOLE_NUMBERS,
    trains_with,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.targets.conftest import ReadParameter

ARGUMENTS: dict[str, dict[str, Any]] = {
    "ModelCheckpoint": {"monitor": "loss"},
    "EarlyStopping": {"monitor": "loss"},
    "Trainer": {"max_epochs": 1, "accelerator": "cpu", "enable_model_summary": False},
}
"""What a class needs besides."""


class Net(pl.LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)

    def training_step(self, batch: torch.Tensor) -> torch.Tensor:
        loss: torch.Tensor = self.layer(batch).sum()
        self.log("loss", loss)
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.01)


def _made(path: Path, name: str, values: dict[str, Any]) -> Any:
    if name == "CSVLogger":
        return loggers.CSVLogger(path, **values)
    if name == "MLFlowLogger":
        return loggers.MLFlowLogger(tracking_uri=f"sqlite:///{path}/runs.db", **values)
    return getattr(callbacks, name)(**ARGUMENTS.get(name, {}), **values)


def _train(path: Path, trainer: dict[str, Any], parts: dict[str, dict[str, Any]]) -> int:
    made = [_made(path, name, values) for name, values in parts.items() if name != "Trainer"]
    given = ARGUMENTS["Trainer"] | {
        "default_root_dir": path,
        "callbacks": [part for part in made if isinstance(part, callbacks.Callback)],
        "logger": [part for part in made if isinstance(part, loggers.Logger)] or loggers.CSVLogger(path),
    }
    fitted = pl.Trainer(**(given | trainer))
    rows: list[torch.Tensor] = list(torch.zeros(8, 2))
    fitted.fit(Net(), torch.utils.data.DataLoader(rows, batch_size=2))  # type: ignore[arg-type]
    return fitted.global_step


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("bar", ["TQDMProgressBar", "RichProgressBar"])
@pytest.mark.parametrize(("table", "value"), [(FLAGS, None), (FLAGS, 0), (WHOLE_NUMBERS, 2.0)])
def test_lightning_trains_with_what_is_let_through(
    tmp_path: Path, table: dict[str, frozenset[str]], value: float | None, bar: str
) -> None:
    """A training runs with null or 0 for each switch, and with a whole float for each number, of the tables."""
    parts = {
        name: dict.fromkeys(sorted(names), value)
        for name, names in table.items()
        if "ProgressBar" not in name or name == bar
    }
    # off, these two exclude the callbacks that are given here
    trainer = {
        switch: value
        for switch, value in parts["Trainer"].items()
        if switch not in ("enable_checkpointing", "enable_progress_bar")
    }
    if table is WHOLE_NUMBERS:
        # by itself, since it turns other settings off, and `every_n_epochs` excludes the other interval
        assert _train(tmp_path / "dev", {"fast_dev_run": trainer.pop("fast_dev_run")}, {}) == 2
        del parts["ModelCheckpoint"]["every_n_epochs"]
    assert _train(tmp_path, trainer, parts) >= 2


def _failure(path: Path, name: str, switch: str, value: bool | int | str) -> str | None:
    """What a training with one switch fails with, but for the addresses of objects."""
    values = {switch: value}
    try:
        _train(path, *((values, {}) if name == "Trainer" else ({}, {name: values})))
    except (ValueError, RuntimeError) as error:
        return re.sub(r"0x[0-9a-f]+", "", str(error))
    return None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(FLAGS))
def test_lightning_trains_with_numbers_and_texts_as_with_true_and_false(tmp_path: Path, name: str) -> None:
    """Each switch is set alone; some exclude another setting, and so they do with 1 and with a text."""
    for switch in sorted(FLAGS[name]):
        assert _failure(tmp_path, name, switch, False) == _failure(tmp_path, name, switch, 0)
        for value in (1,) if switch == "fast_dev_run" else (1, "full"):
            assert _failure(tmp_path, name, switch, True) == _failure(tmp_path, name, switch, value)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(SWITCHED_OFF))
def test_lightning_trains_with_false_for_nothing(tmp_path: Path, name: str) -> None:
    """Each number and choice is switched off alone."""
    for setting in sorted(SWITCHED_OFF[name]):
        assert _failure(tmp_path, name, setting, False) is None


@pytest.mark.parametrize("name", sorted(FLAGS_OF_LOGGERS))
def test_loggers_use_nothing_but_the_truth_of_switches(name: str) -> None:
    """A switch is kept, shown or asked for in the source of its logger, and neither compared nor handed on."""
    nodes = [*ast.walk(ast.parse(inspect.getsource(getattr(loggers, name))))]
    for switch in sorted(FLAGS_OF_LOGGERS[name]):
        users = [
            type(node)
            for node in nodes
            for part in ast.iter_child_nodes(node)
            if ast.unparse(part) in (switch, f"self._{switch}") and isinstance(part, ast.expr)
        ]

        assert set(users) <= {ast.Assign, ast.BoolOp, ast.FormattedValue, ast.If, ast.UnaryOp}
        assert ast.If in users or ast.BoolOp in users


@pytest.mark.filterwarnings("ignore")
def test_loggers_take_null_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A training is logged without a prefix, and without an upload of its checkpoints."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")  # which the logger sets, and which is put back
    parts = {name: dict.fromkeys(sorted(names)) for name, names in UNSET.items()}

    assert _train(tmp_path, {}, parts) >= 2


@pytest.mark.parametrize(
    ("name", "setting"), [(name, item) for name, items in UNSET_IN_LOGGERS.items() for item in sorted(items)]
)
def test_loggers_ask_if_a_setting_is_there(name: str, setting: str) -> None:
    """What may be null is passed to a function that takes null, or only used where it is not null."""
    own = getattr(loggers, name)
    bases = [own, *(base for base in own.__bases__ if base.__name__ == name)]
    nodes = [
        node
        for base in bases
        for method in (base.__init__, base.log_metrics)
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(method))))
    ]
    users = {
        ast.unparse(node.func)
        for node in nodes
        if isinstance(node, ast.Call)
        for given in (*node.args, *(item.value for item in node.keywords))
        if ast.unparse(given) in (setting, f"self._{setting}")
    }

    assert users <= {"_add_prefix", "super().__init__", "os.fspath"}
    assert {"a": 1} == _add_prefix({"a": 1}, None, "-")  # type: ignore[arg-type]
    assert ("os.fspath" in users) == any(
        isinstance(node, ast.If) and ast.unparse(node.test) == f"{setting} is not None" for node in nodes
    )


@pytest.mark.parametrize(
    ("path", "name", "value", "expected"),
    [
        ("lightning.pytorch.Trainer", "sync_batchnorm", None, True),
        ("lightning.pytorch.Trainer", "sync_batchnorm", 1, True),
        ("lightning.pytorch.Trainer", "enable_model_summary", "full", True),
        ("lightning.pytorch.Trainer", "enable_model_summary", "false", False),
        ("lightning.pytorch.Trainer", "fast_dev_run", "full", False),
        ("lightning.pytorch.Trainer", "detect_anomaly", 1, False),
        ("lightning.pytorch.loggers.WandbLogger", "offline", 0, True),
        ("lightning.pytorch.loggers.WandbLogger", "log_model", 1, False),
        ("pytorch_lightning.Trainer", "max_steps", 5e8, True),
        ("pytorch_lightning.Trainer", "max_steps", 5.5, False),
        ("pytorch_lightning.Trainer", "max_epochs", 1e3, False),
        ("pytorch_lightning.Trainer", "num_nodes", 1.0, False),
        ("pytorch_lightning.Trainer", "profiler", False, True),
        ("pytorch_lightning.Trainer", "limit_val_batches", False, True),
        ("pytorch_lightning.Trainer", "limit_val_batches", True, False),
        ("pytorch_lightning.Trainer", "max_epochs", False, False),
        ("pytorch_lightning.Trainer", "enable_checkpointing", 0, True),
        ("pytorch_lightning.Trainer", "max_steps", None, False),
        ("pytorch_lightning.Trainer", "detect_anomaly", None, False),
        ("pytorch_lightning.callbacks.EarlyStopping", "patience", 1e1, True),
        ("pytorch_lightning.callbacks.ModelSummary", "max_depth", 1.0, False),
        ("lightning.pytorch.loggers.CSVLogger", "prefix", None, True),
        ("lightning.pytorch.loggers.CSVLogger", "save_dir", None, False),
        ("lightning.pytorch.loggers.MLFlowLogger", "log_model", None, True),
        ("lightning.pytorch.loggers.WandbLogger", "prefix", None, True),
        ("lightning.pytorch.loggers.TensorBoardLogger", "save_dir", None, False),
        ("lightning.pytorch.loggers.MLFlowLogger", "experiment_name", None, False),
        ("lightning.pytorch.strategies.DeepSpeedStrategy", "reduce_bucket_size", 5e8, True),
        ("lightning.pytorch.strategies.DeepSpeedStrategy", "reduce_bucket_size", 0.5, False),
        ("lightning.pytorch.strategies.DeepSpeedStrategy", "thread_count", 2.0, False),
        ("torch.nn.Linear", "in_features", 1.0, False),
    ],
)
def test_only_what_was_seen_to_train_is_let_through(
    read_parameter: ReadParameter, path: str, name: str, value: float | str | None, expected: bool
) -> None:
    """Lightning refuses some switches and numbers when it is made or starts; those stay as annotated."""
    assert expected is trains_with(*read_parameter(path, name), value)
