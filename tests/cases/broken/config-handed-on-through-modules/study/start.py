"""The script of the study, which leaves its work to other modules."""

import hydra

from .loops import Longer, show


@hydra.main(version_base=None, config_path="conf", config_name="start")
def main(cfg: object) -> None:
    """Train, in a loop of its own."""
    show(cfg.shown)
    loop = Longer(cfg)
    loop.run()
