"""A made-up project of 120 options that uses as much of torch and Lightning as a real one."""

from __future__ import annotations

from pathlib import Path

OPTIMIZERS = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "NAdam", "RAdam", "Adamax", "ASGD")
SCHEDULERS = ("StepLR", "ExponentialLR", "CosineAnnealingLR", "LinearLR", "ConstantLR")
SCHEDULER_ARGUMENTS = ("step_size: 5", "gamma: 0.9", "T_max: 10", "start_factor: 0.5", "factor: 0.5")
LOSSES = (
    "MSELoss",
    "L1Loss",
    "SmoothL1Loss",
    "HuberLoss",
    "CrossEntropyLoss",
    "BCEWithLogitsLoss",
    "NLLLoss",
)
ACTIVATIONS = ("ReLU", "GELU", "Tanh", "SiLU", "ELU", "Sigmoid", "Softplus", "Mish")
CALLBACKS = (
    "EarlyStopping\n  monitor: val_loss",
    "ModelCheckpoint\n  monitor: val_loss",
    "LearningRateMonitor\n  logging_interval: epoch",
    "TQDMProgressBar\n  refresh_rate: 5",
    "RichProgressBar\n  leave: true",
    "GradientAccumulationScheduler\n  scheduling: {0: 2}",
    "StochasticWeightAveraging\n  swa_lrs: 0.01",
    "ModelSummary\n  max_depth: 2",
    "DeviceStatsMonitor\n  cpu_stats: true",
    "Timer\n  duration: 00:12:00:00",
)

TRAIN = """defaults:
  - data: data_0
  - model: model_0
  - trainer: trainer_0
  - mlflow: mlflow_0
  - _self_

seed: 1
"""

MODEL = """_target_: serotiny.models.BasicModel
x_label: x
y_label: y
network:
  _target_: torch.nn.Sequential
  _args_:
    - {{_target_: torch.nn.Linear, in_features: {width}, out_features: 32}}
    - _target_: torch.nn.{activation}
    - {{_target_: torch.nn.Linear, in_features: 32, out_features: 1}}
loss:
  _target_: torch.nn.{loss}
optimizer:
  _target_: torch.optim.{optimizer}
  _partial_: true
  lr: ${{lr}}
lr_scheduler:
  _target_: torch.optim.lr_scheduler.{scheduler}
  _partial_: true
  {argument}
"""

DATA = """_target_: serotiny.datamodules.ManifestDatamodule
path: manifest.csv
split_column: split
batch_size: {size}
loaders:
  x: {{_target_: serotiny.io.dataframe.loaders.LoadColumns, startswith: x_}}
  y: {{_target_: serotiny.io.dataframe.loaders.LoadColumn, column: y}}
"""

TRAINER = """defaults:
  - callbacks: callbacks_{number}
  - _self_
max_epochs: {number}
accelerator: cpu
precision: {precision}
gradient_clip_val: 0.{number}
"""


def write_study(root: Path) -> int:
    """Write the project.

    Returns:
        How many options it has.
    """
    config = root / "study" / "config"
    options: dict[str, str] = {}
    for number in range(40):
        options[f"model/model_{number}"] = MODEL.format(
            width=4,
            activation=ACTIVATIONS[number % len(ACTIVATIONS)],
            loss=LOSSES[number % len(LOSSES)],
            optimizer=OPTIMIZERS[number % len(OPTIMIZERS)],
            scheduler=SCHEDULERS[number % len(SCHEDULERS)],
            argument=SCHEDULER_ARGUMENTS[number % len(SCHEDULERS)],
        )
    for number in range(20):
        callback = CALLBACKS[number % len(CALLBACKS)]
        precision = ("32-true", "16-mixed", "bf16-mixed", "64")[number % 4]
        options[f"data/data_{number}"] = DATA.format(size=8 + number)
        options[f"trainer/trainer_{number}"] = TRAINER.format(number=number, precision=precision)
        options[f"trainer/callbacks/callbacks_{number}"] = (
            f"one:\n  _target_: pytorch_lightning.callbacks.{callback}\n"
        )
        options[f"mlflow/mlflow_{number}"] = f"experiment_name: study\nrun_name: run-{number}-${{seed}}\n"
    files = {
        **options,
        "train": TRAIN + "lr: 0.01\n",
        "test": TRAIN + "lr: 0.01\n",
        "predict": TRAIN + "lr: 0.01\n",
    }
    for name, text in files.items():
        file = config / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (root / "study" / "__init__.py").touch()
    (root / "pyproject.toml").write_text('[tool.serotiny]\npackage = "study"\n')
    header = ",".join(["split", "y", *(f"x_{number}" for number in range(4))])
    rows = [",".join([split, "0", "1", "2", "3", "4"]) for split in ("train", "valid", "test")]
    (root / "manifest.csv").write_text("\n".join([header, *rows]) + "\n")
    return len(options)
