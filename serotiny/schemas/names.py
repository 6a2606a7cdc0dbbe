"""Names that everything agrees on."""

from __future__ import annotations

OPERATIONS = ("train", "test", "predict")

TRAINER_TARGET = "pytorch_lightning.Trainer"
"""The class of a trainer that names none."""


CHOSEN_BY_DEFAULT = ("data", "model", "trainer", "trainer/callbacks", "mlflow")
"""Groups whose option `default` is taken where nothing is chosen, in order of composition."""
