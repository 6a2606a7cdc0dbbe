"""The script of the study, which measures its data first."""

import hydra
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf


@hydra.main(version_base="1.3", config_path="conf", config_name="main")
def main(cfg: DictConfig):
    """Start."""
    OmegaConf.set_struct(cfg, False)
    for measure in cfg.measures.values():
        found = instantiate(measure)
        OmegaConf.update(cfg, found.name, found.value)
    instantiate(cfg.model)
