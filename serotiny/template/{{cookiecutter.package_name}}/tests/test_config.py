"""The configs of this project compile, and its own model trains a step."""

from pathlib import Path

import pytest
import pytorch_lightning as pl
from hydra.utils import instantiate
from serotiny.compiler import Project, compile_jobs

ROOT = Path(__file__).parents[1]


def compiled(operation: str, *overrides: str) -> dict:
    """Return the config that such a call runs, or fail with all that is wrong with it."""
    compilation = compile_jobs(Project.find(ROOT), operation, overrides)
    assert [] == [f"{fault.place}: {fault.message}" for fault in compilation.diagnostics]
    return compilation.plans[0].config


@pytest.mark.parametrize("operation", ["train", "test", "predict"])
@pytest.mark.parametrize("overrides", [[], ["model=my_model", "data=my_data"]], ids=["default", "mine"])
def test_operation_compiles(operation: str, overrides: list[str]) -> None:
    """Each operation compiles, with the default options and with this project's own."""
    assert {"data", "model", "trainer"} <= set(compiled(operation, *overrides))


def test_own_model_trains_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model, the data and the callback of this project work together."""
    monkeypatch.chdir(ROOT)  # paths in the configs count from here
    config = compiled("train", "model=my_model", "data=my_data", "trainer/callbacks=my_callbacks")
    callback = instantiate(config["trainer"]["callbacks"]["epoch_seconds"])
    trainer = pl.Trainer(
        max_steps=1,
        callbacks=[callback],
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
    )

    trainer.fit(instantiate(config["model"]), datamodule=instantiate(config["data"]))

    assert 1 == trainer.global_step
    assert trainer.callback_metrics["epoch_seconds"] > 0
