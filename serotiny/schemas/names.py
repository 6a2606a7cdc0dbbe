"""Names that the whole package shares."""

from __future__ import annotations

OPERATIONS = ("train", "test", "predict")

TRAINER_TARGET = "pytorch_lightning.Trainer"
"""The class of a trainer without a `_target_`."""

CHOSEN_BY_DEFAULT = ("data", "model", "trainer", "trainer/callbacks", "mlflow")
"""Groups whose option `default` is taken where nothing is chosen, in order of composition."""

GLOBAL_PACKAGE = "_global_"
"""The package of a config that is merged into the whole config."""

GROUP_PACKAGE = "_group_"
"""Stands for the group of a config in its package."""

HYDRAS_GROUPS = tuple(
    f"hydra/{name}"
    for name in (
        "callbacks",
        "env",
        "help",
        "hydra_help",
        "hydra_logging",
        "job_logging",
        "launcher",
        "output",
        "sweeper",
    )
)
"""The groups of Hydra's own settings: a fixed list, since to find them takes as long as a check."""
