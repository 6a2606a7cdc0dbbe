"""The script that tries widths."""

import hydra
from omegaconf import open_dict


@hydra.main(version_base=None, config_path="conf", config_name="search")
def main(cfg: object) -> None:
    """Make models of several widths."""
    for width in (8, 16):
        with open_dict(cfg):
            cfg.model.width = width
        print(hydra.utils.instantiate(cfg.model))
