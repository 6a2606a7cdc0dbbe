"""What the scripts that somebody would write without serotiny share."""

from __future__ import annotations

RECORDING_TRAINER = """
import pytorch_lightning as pl
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.loggers import MLFlowLogger


def recording_trainer(experiment, latent_dim, max_epochs, *callbacks):
    logger = MLFlowLogger(experiment, tracking_uri="sqlite:///mlflow.db", log_model=True)
    logger.log_hyperparams({"latent_dim": latent_dim, "seed": 42})
    return pl.Trainer(
        max_epochs=max_epochs,
        accelerator="cpu",
        devices=1,
        logger=logger,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[*callbacks, ModelCheckpoint(monitor="val_loss", save_last=True)],
        default_root_dir="by_hand",
    )
"""
"""The imports and the trainer of such a script, which records as serotiny does."""
