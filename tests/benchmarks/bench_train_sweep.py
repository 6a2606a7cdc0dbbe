"""A sweep of eight tiny trainings against the same eight in one script that somebody wrote by hand."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.by_hand import RECORDING_TRAINER
from tests.benchmarks.digits import SEROTINY, digits_example
from tests.benchmarks.processes import Command, alternate, ratio, run, shown
from tests.benchmarks.row import Row

_EPOCHS = 3
_REPEATS = 5
_ROWS = (("train", 1200), ("valid", 200), ("test", 200))

_SCRIPT = f"""{RECORDING_TRAINER}
import logging
import warnings

import torch

from serotiny.datamodules import ManifestDatamodule
from serotiny.io.dataframe.loaders import LoadClass, LoadColumn, LoadColumns
from serotiny.models import TabularVAE

warnings.simplefilter("ignore")
logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
for latent_dim in range(1, 9):
    pl.seed_everything(42)
    data = ManifestDatamodule(
        path="data/digits.csv",
        split_column="split",
        batch_size=64,
        loaders={{
            "id": LoadColumn("id"),
            "pixels": LoadColumns(startswith="pixel_"),
            "digit": LoadClass("digit"),
        }},
    )
    model = TabularVAE(
        x_label="pixels",
        x_dim=64,
        latent_dim=latent_dim,
        hidden_layers=[128, 64],
        optimizer=lambda params: torch.optim.Adam(params, lr=0.001),
    )
    trainer = recording_trainer("digits", latent_dim, {_EPOCHS})
    trainer.fit(model, data)
    trainer.test(model, data, verbose=False)
"""


def rows() -> Iterator[Row]:
    """One row; both record in the same store, which is there."""
    with digits_example() as example:
        _write_digits(example / "data" / "digits.csv")
        (example / "by_hand.py").write_text(_SCRIPT)
        sweep = (SEROTINY, "train", "-m", "model.latent_dim=range(1,9)", f"trainer.max_epochs={_EPOCHS}")
        environment = {"OMP_NUM_THREADS": "1", "SEROTINY_CACHE_DIR": str(example.parent / "cache")}
        ours = Command(sweep, example, environment)
        theirs = Command((sys.executable, "by_hand.py"), example, environment)
        run(ours)
        run(theirs)
        swept, by_hand = alternate(ours, theirs, repeats=_REPEATS)
    value, beside = ratio(swept, by_hand)
    yield Row(
        "train -m of 8 tiny jobs / one script by hand", shown(swept, by_hand), value, 1.3, beside=beside
    )


def _write_digits(file: Path) -> None:
    """Made-up digits, as many as train for a moment."""
    draw = random.Random(1)
    lines = [",".join(["id", "split", "digit", *(f"pixel_{number:02d}" for number in range(64))])]
    for split, count in _ROWS:
        for _ in range(count):
            pixels = (str(draw.randrange(17)) for _ in range(64))
            lines.append(",".join([str(len(lines)), split, str(draw.randrange(10)), *pixels]))
    file.write_text("\n".join(lines) + "\n")
