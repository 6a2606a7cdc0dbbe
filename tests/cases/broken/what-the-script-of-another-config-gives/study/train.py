"""The script that trains."""

import hydra
from pytorch_lightning import Trainer


@hydra.main(version_base=None, config_path="conf", config_name="train")
def main(cfg: object) -> None:
    """Train the model as the config describes it."""
    model = hydra.utils.instantiate(cfg.model)
    trainer: Trainer = hydra.utils.instantiate(cfg.trainer)
    trainer.fit(model)
