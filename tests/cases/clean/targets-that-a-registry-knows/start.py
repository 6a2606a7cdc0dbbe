"""The script of the study."""

import hydra
from study.registry import build


@hydra.main(version_base="1.3", config_path="conf", config_name="main")
def main(cfg):
    """Start."""
    build(cfg.model)
    build(cfg.head)
