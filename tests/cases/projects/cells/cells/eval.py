from __future__ import annotations

import os

import hydra
from omegaconf import DictConfig

from cells import utils


@hydra.main(
    version_base="1.3",
    config_path=os.environ.get("CELLS_CONFIGS", "../configs"),
    config_name="eval.yaml",
)
def main(cfg: DictConfig) -> None:
    model = hydra.utils.instantiate(cfg.model, _recursive_=False)
    callbacks = utils.instantiate_all(cfg.get("callbacks"))
    trainer = hydra.utils.instantiate(cfg.trainer, callbacks=callbacks)
    trainer.predict(model=model, dataloaders=utils.make_data(cfg.data))
