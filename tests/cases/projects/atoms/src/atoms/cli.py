from __future__ import annotations

import tempfile
import uuid

import hydra
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning import seed_everything

from atoms.utils import str2class

OmegaConf.register_new_resolver("uuid", lambda _: str(uuid.uuid1()), use_cache=True)
OmegaConf.register_new_resolver("tmpdir", tempfile.mkdtemp, use_cache=True)


@hydra.main(config_path="configs", config_name="train", version_base="1.2")
def train(config: DictConfig) -> None:
    seed_everything(config.seed, workers=True)
    datamodule = hydra.utils.instantiate(config.data)
    model = hydra.utils.instantiate(config.model)
    task = hydra.utils.instantiate(
        config.task, model=model, optimizer_cls=str2class(config.task.optimizer_cls)
    )
    callbacks = [hydra.utils.instantiate(node) for node in config["callbacks"].values()]
    trainer = hydra.utils.instantiate(config.trainer, callbacks=callbacks, default_root_dir=config.run.id)
    trainer.fit(model=task, datamodule=datamodule, ckpt_path=config.run.ckpt_path)
    trainer.test(model=task, datamodule=datamodule, ckpt_path="best")


@hydra.main(config_path="configs", config_name="predict", version_base="1.2")
def predict(config: DictConfig) -> None:
    dataset = hydra.utils.instantiate(config.data)
    trainer = hydra.utils.instantiate(config.trainer, default_root_dir=".")
    trainer.predict(None, dataloaders=dataset, ckpt_path=config.ckpt_path)
