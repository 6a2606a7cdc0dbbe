"""The project whose calls are drawn."""

from __future__ import annotations

from pathlib import Path

_FILES = {
    "pyproject.toml": '[tool.serotiny]\npackage = "lab"\n',
    "lab/__init__.py": "",
    "lab/parts.py": """
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import pytorch_lightning as pl


class Mode(Enum):
    FAST = "fast"
    EXACT = "exact"


@dataclass
class Options:
    depth: int = 1
    names: list[str] = field(default_factory=list)


class Net(pl.LightningModule):
    def __init__(
        self,
        width=1,
        name=None,
        layers=None,
        part=None,
        mode: Mode = Mode.FAST,
        path: Path | None = None,
        shape: tuple[int, int] = (1, 1),
        tags: set[str] | None = None,
        options: Options | None = None,
        **more,
    ):
        super().__init__()


class Rows(pl.LightningDataModule):
    def __init__(self, rows=8, **more):
        super().__init__()
""",
    "lab/config/train.yaml": """
defaults:
  - data: default
  - model: small
  - _self_
seed: 1
mlflow: {tracking_uri: null, run_name: "n-${seed}"}
""",
    "lab/config/data/default.yaml": "_target_: lab.parts.Rows\nrows: 8\n",
    "lab/config/trainer/callbacks/two.yaml": """
- {_target_: pytorch_lightning.callbacks.ModelCheckpoint, monitor: val_loss}
- {_target_: pytorch_lightning.callbacks.LearningRateMonitor}
""",
    "lab/config/model/small.yaml": "_target_: lab.parts.Net\nwidth: 1\nname: small\nlayers: [1, 2]\npart: ???\n",
    "lab/config/model/big.yaml": """
defaults: [part: one, _self_]
_target_: lab.parts.Net
width: 9
name: ${.width}-big
layers: [1, {units: 3}]
depth: 2
""",
    "lab/config/model/part/one.yaml": "x: 1\n",
    "lab/config/model/part/two.yaml": "x: ${seed}\ny: ${..width}\n",
    "lab/config/experiment/values.yaml": "# @package _global_\nseed: 7\nmodel: {width: 5, part: null}\n",
    "lab/config/experiment/dated.yaml": """
# @package _global_
model: {part: null, name: 2024-01-01, layers: [2024-01-01 10:00:00, 2024-01-01T10:00:00Z, "2024-01-01"]}
""",
    "lab/config/experiment/options.yaml": """
# @package _global_
defaults: [override /model: big, override /model/part: two]
data: {rows: "${model.width}"}
""",
    "lab/config/experiment/folder.yaml": """
# @package _global_
model: {part: null}
hydra:
  run: {dir: "out/${model.name}"}
  sweep: {dir: multi, subdir: "${hydra.job.num}-${model.width}"}
""",
    "lab/config/experiment/misspelt.yaml": """
# @package _global_
model: {part: null}
hydra:
  runn: {dir: out}
  job: {chdir: perhaps}
""",
    "lab/config/experiment/lost.yaml": "# @package _global_\nmodel: {part: null}\nhydra: {run: {dir: 'out/${modle.name}'}}\n",
    "lab/config/experiment/launcher.yaml": """
# @package _global_
defaults: [override /hydra/launcher: joblib]
model: {part: null}
""",
    "lab/config/experiment/nowhere.yaml": """
# @package _global_
defaults: [override /hydra/launchr: joblib]
model: {part: null}
""",
    "lab/config/experiment/again.yaml": """
# @package _global_
defaults: [/hydra/job_logging: none]
model: {part: null}
""",
    "lab/config/experiment/sweep.yaml": """
# @package _global_
model: {part: null}
hydra:
  mode: MULTIRUN
  sweeper: {params: {model.width: "1,2", seed: "range(3,5)"}}
""",
    "lab/config/experiment/asks.yaml": """
# @package _global_
model: {part: "${hydra:job.name}", name: "${hydra:runtime.choices.model}-${now:%Y}"}
data: {rows: "${hydra:runtime.output_dir}"}
""",
    "lab/config/model/typed.yaml": """
_target_: lab.parts.Net
width: 1
name: "grün"
layers: ${.shape}
part: null
mode: exact
path: out/${seed}
shape: [2, 3]
tags: [a, b]
options: {depth: 2, names: [x]}
wide: {größe: 1, "a key": 2, "007": b}
""",
    "lab/config/experiment/types.yaml": """
# @package _global_
defaults: [override /model: typed]
model: {mode: FAST, shape: "${oc.decode:'[4, 5]'}", options: {depth: "${seed}"}}
""",
    "lab/config/experiment/elements.yaml": """
# @package _global_
defaults: [/trainer/callbacks: two]
model: {part: null, layers: [{units: "${seed}"}, "${.0.units}", "${..width}"]}
""",
    "lab/config/experiment/places.yaml": """
# @package _global_
defaults:
  - /model/part@model.part: two
  - /model/part@model.other: one
  - /data@data.spare: default
  - _self_
model: {new: "${.other}", layers: "${data.spare.rows}"}
""",
    "lab/config/experiment/typed_sweep.yaml": """
# @package _global_
defaults: [override /model: typed]
hydra:
  mode: MULTIRUN
  sweeper: {params: {model.mode: "fast,exact", ++model.shape: "[1,2],[3,4]", model.path: "'a b','${seed}'"}}
""",
    "lab/config/experiment/choice_sweep.yaml": """
# @package _global_
model: {part: null}
hydra:
  sweep: {dir: "multi/${mlflow.run_name}", subdir: "${hydra.job.num}_${model.width}"}
  sweeper: {params: {model: "small,typed", data.rows: "choice(1,2)"}}
""",
    "lab/config/hydra/job_logging/quiet.yaml": "version: 1\nroot: {handlers: []}\ndisable_existing_loggers: false\n",
    "shared/extra/wide.yaml": "# @package model\nwidth: 99\n",
}


def write_project(root: Path) -> None:
    """Write the project of the calls."""
    for name, text in _FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.lstrip("\n"))
