"""The script of the study."""

import hydra
from omegaconf import OmegaConf

OmegaConf.register_new_resolver("text", str)


@hydra.main(version_base=None, config_path="conf", config_name="collect")
def main(cfg: object) -> None:
    """Start: where the data lies is known here alone."""
    cfg.host = "here"
    print(cfg.width, cfg.folder, cfg.data, cfg.day, cfg.job, cfg.other)
