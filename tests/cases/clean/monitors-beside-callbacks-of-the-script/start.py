"""Gather the callbacks one by one, with one of the script, which may log as well."""

import hydra
import pytorch_lightning as pl
import study.parts
from hydra.utils import instantiate


@hydra.main(config_path="conf", config_name="start", version_base="1.3")
def main(cfg: object) -> None:
    """Fit the model, with what the config says."""
    model: pl.LightningModule = instantiate(cfg.model)
    callbacks: list[pl.Callback] = []
    if "callbacks" in cfg:
        for conf in cfg.callbacks.values():
            if "_target_" in conf:
                print(conf["_target_"])
                callbacks.append(instantiate(conf))
    callbacks.append(study.parts.Recorder())
    logger = [instantiate(conf) for conf in cfg.logger.values()]
    trainer: pl.Trainer = instantiate(cfg.trainer, callbacks=callbacks, logger=logger)
    trainer.fit(model, instantiate(cfg.data))


if __name__ == "__main__":
    main()
