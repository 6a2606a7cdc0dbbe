from __future__ import annotations

import os
from contextlib import suppress

import hydra
from omegaconf import DictConfig, OmegaConf

from cells import utils

with suppress(ValueError):
    OmegaConf.register_new_resolver("pairs", utils.pairs)
    OmegaConf.register_new_resolver("eval", eval)


def train(cfg: DictConfig) -> None:
    OmegaConf.resolve(cfg)
    utils.remove_aux(cfg)
    data = utils.make_data(cfg.data)
    model = hydra.utils.instantiate(cfg.model, _recursive_=False)
    callbacks = utils.instantiate_all(cfg.get("callbacks"))
    logger = utils.instantiate_all(cfg.get("logger"))
    trainer = hydra.utils.instantiate(cfg.trainer, callbacks=callbacks, logger=logger)
    trainer.fit(model=model, datamodule=data, ckpt_path=cfg.checkpoint.ckpt_path)


@hydra.main(
    version_base="1.3",
    config_path=os.environ.get("CELLS_CONFIGS", "../configs"),
    config_name="train.yaml",
)
def main(cfg: DictConfig) -> None:
    train(cfg)
