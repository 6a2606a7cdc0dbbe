"""The schemas of the three operations: the keys at the root of a config."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from serotiny.schemas.groups import DataConfig, GroupSchema, ModelConfig, TrainerConfig
from serotiny.schemas.mlflow import MlflowConfig

PredictionsFormat = Literal["parquet", "csv"]
_FORMAT = "What predictions are written as: one table, a row for each sample, with its id."

MAX_SEED = 2**32 - 1
"""The largest seed that NumPy takes."""


class OperationConfig(GroupSchema):
    """The keys of every operation."""

    data: DataConfig = Field(description="The datamodule, as a `_target_`.")
    model: ModelConfig = Field(description="The model, as a `_target_`.")
    trainer: TrainerConfig = Field(default_factory=TrainerConfig, description="Lightning's Trainer.")
    mlflow: MlflowConfig = Field(
        default_factory=MlflowConfig, description="Where and under which name the run is recorded."
    )
    seed: int | None = Field(
        None, ge=0, le=MAX_SEED, description="Seeds Python, NumPy and torch; `null` leaves them alone."
    )
    ckpt_path: str | None = Field(
        None, description="A local checkpoint to start from; `null` takes the run's own."
    )
    mode: Literal["train", "test", "predict"] | None = Field(
        None, description="The operation, where it is written."
    )


class SweepConfig(GroupSchema):
    """What a job of a sweep tells the sweeper."""

    metric: str | list[str] | None = Field(
        None,
        description="The metric that a sweeper such as Optuna optimizes, or one for each of its directions; "
        "`null` takes the one that callbacks monitor.",
    )


class TrainConfig(OperationConfig):
    """`serotiny train`: fit, and what is asked for after it."""

    test: bool = Field(False, description="Test after training, with the last weights.")
    predict: bool = Field(False, description="Predict after training.")
    predictions_format: PredictionsFormat = Field("parquet", description=_FORMAT)
    sweep: SweepConfig = Field(
        default_factory=SweepConfig, description="What a job of a sweep tells the sweeper."
    )


class TestConfig(OperationConfig):
    """`serotiny test`: the test split, with the weights of a trained run or of `ckpt_path`."""

    __test__ = False  # not a test case


class PredictConfig(OperationConfig):
    """`serotiny predict`: write predictions with the weights of a trained run or of `ckpt_path`."""

    predictions_format: PredictionsFormat = Field("parquet", description=_FORMAT)


OPERATION_SCHEMAS: dict[str, type[OperationConfig]] = {
    "train": TrainConfig,
    "test": TestConfig,
    "predict": PredictConfig,
}
