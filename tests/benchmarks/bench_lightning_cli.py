"""Against the other tool that checks types: LightningCLI with the same model, data, trainer and callback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec

from tests.benchmarks.digits import check, digits_example
from tests.benchmarks.processes import REPEATS, Command, alternate, ratio, run, shown
from tests.benchmarks.row import Row

NAME = "LightningCLI --print_config / check, warm"

PROGRAM = """
from pytorch_lightning.cli import LightningCLI
from serotiny.datamodules import ManifestDatamodule
from serotiny.models import TabularVAE

LightningCLI(TabularVAE, ManifestDatamodule)
"""

CONFIG = """
seed_everything: 42
trainer:
  max_epochs: 30
  accelerator: cpu
  devices: 1
  callbacks:
    - class_path: pytorch_lightning.callbacks.ModelCheckpoint
      init_args: {monitor: val_loss, mode: min, save_last: true}
model: {x_label: pixels, x_dim: 64, latent_dim: 8, hidden_layers: [128, 64], beta: 1.0}
data:
  path: data/digits.csv
  split_column: split
  loaders:
    pixels:
      class_path: serotiny.io.dataframe.loaders.LoadColumns
      init_args: {startswith: pixel_}
"""


def rows() -> Iterator[Row]:
    """One row; skipped without jsonargparse, which LightningCLI needs."""
    if find_spec("jsonargparse") is None:
        yield Row(NAME, "-", None, 10, at_least=True, beside="jsonargparse is not installed")
        return
    with digits_example() as example:
        (example / "cli.py").write_text(PROGRAM)
        (example / "cli.yaml").write_text(CONFIG)
        arguments = (sys.executable, "cli.py", "fit", "--config", "cli.yaml", "--print_config")
        ours = check(example, "train")
        run(ours)
        theirs, warm = alternate(Command(arguments, example), ours, repeats=REPEATS - 2)
    value, beside = ratio(theirs, warm)
    yield Row(NAME, shown(theirs, warm), value, 10, at_least=True, beside=beside)
