from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import hydra
from lightning import seed_everything
from omegaconf import DictConfig

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from src.utils import extras, get_metric_value, instantiate_callbacks, instantiate_loggers, setup_root

setup_root(__file__)


def train(cfg: DictConfig) -> dict[str, Any]:
    if cfg.get("seed"):
        seed_everything(cfg.seed, workers=True)
    datamodule = hydra.utils.instantiate(cfg.data)
    model = hydra.utils.instantiate(cfg.model)
    callbacks = instantiate_callbacks(cfg.get("callbacks"))
    logger = instantiate_loggers(cfg.get("logger"))
    trainer = hydra.utils.instantiate(cfg.trainer, callbacks=callbacks, logger=logger)
    if cfg.get("train"):
        trainer.fit(model=model, datamodule=datamodule, ckpt_path=cfg.get("ckpt_path"))
    train_metrics = trainer.callback_metrics
    if cfg.get("test"):
        ckpt_path = trainer.checkpoint_callback.best_model_path if trainer.checkpoint_callback else ""
        trainer.test(model=model, datamodule=datamodule, ckpt_path=ckpt_path or None)
        Path(cfg.paths.output_dir, "best.txt").write_text(Path(ckpt_path).name)
    return {**train_metrics, **trainer.callback_metrics}


@hydra.main(version_base="1.3", config_path="../configs", config_name="train.yaml")
def main(cfg: DictConfig) -> float | None:
    extras(cfg)
    return get_metric_value(train(cfg), cfg.get("optimized_metric"))


if __name__ == "__main__":
    main()
