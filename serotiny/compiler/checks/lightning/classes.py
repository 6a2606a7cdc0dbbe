"""The ends of the paths of Lightning's classes, for `derives`: there are two packages, `lightning` and `pytorch_lightning`."""

from __future__ import annotations

from typing import Final

CHECKPOINT: Final = ".callbacks.checkpoint.Checkpoint"
MODEL_CHECKPOINT: Final = ".callbacks.model_checkpoint.ModelCheckpoint"
EARLY_STOPPING: Final = ".callbacks.early_stopping.EarlyStopping"
PROGRESS_BAR: Final = ".callbacks.progress.progress_bar.ProgressBar"
MODEL_SUMMARY: Final = ".callbacks.model_summary.ModelSummary"
PRUNING: Final = ".callbacks.pruning.ModelPruning"
FINETUNING: Final = ".callbacks.finetuning.BackboneFinetuning"
RATE_FINDER: Final = ".callbacks.lr_finder.LearningRateFinder"
BATCH_SIZE_FINDER: Final = ".callbacks.batch_size_finder.BatchSizeFinder"
STOCHASTIC_AVERAGING: Final = ".callbacks.stochastic_weight_avg.StochasticWeightAveraging"
EXPONENTIAL_AVERAGING: Final = ".callbacks.weight_averaging.EMAWeightAveraging"
ACCUMULATION: Final = ".callbacks.gradient_accumulation_scheduler.GradientAccumulationScheduler"
