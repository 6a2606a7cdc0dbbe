"""The script of the study."""

import hydra
from omegaconf import OmegaConf


@hydra.main(version_base=None, config_path="conf", config_name="start")
def main(cfg: object) -> None:
    """Resolve the config."""
    OmegaConf.resolve(cfg)
