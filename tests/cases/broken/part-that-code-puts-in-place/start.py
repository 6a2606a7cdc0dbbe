"""The script of the study, which lays its config over that of a stored model."""

import hydra
from elsewhere.stored import with_stored
from omegaconf import DictConfig, OmegaConf


@hydra.main(version_base="1.3", config_path="conf", config_name="main")
def main(cfg: DictConfig):
    """Start."""
    cfg.model = with_stored(cfg.checkpoint, cfg.model)
    print(OmegaConf.to_yaml(cfg, resolve=True))
