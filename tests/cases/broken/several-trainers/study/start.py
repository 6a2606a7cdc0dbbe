"""The script of the study, which trains in two rounds."""

import hydra
from lightning.pytorch import Trainer


@hydra.main(version_base=None, config_path="conf", config_name="start")
def main(cfg: object) -> None:
    """Train, and train again."""
    Trainer(**cfg.first).fit(None)
    Trainer(logger=False, **cfg.second).fit(None)
    Trainer(logger=False, **cfg.second).test(None)
    hydra.utils.instantiate(cfg.third).fit(None)
    hydra.utils.instantiate(cfg.fourth).fit(None)
