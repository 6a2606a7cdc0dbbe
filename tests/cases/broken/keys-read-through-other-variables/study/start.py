"""The script of the study, which hands parts of its config to classes and functions."""

import hydra
from omegaconf import OmegaConf

from study.net import Net, report


class Loop:
    """Counts epochs."""

    def __init__(self, settings: object) -> None:
        self.settings = settings

    def run(self) -> None:
        """Count."""
        print(self.settings.momentum)


@hydra.main(version_base=None, config_path="conf", config_name="start")
def main(cfg: object) -> None:
    """Run all parts."""
    hparams = cfg.model
    print(hparams.width, cfg.label, OmegaConf.select(cfg, "data.folder"))
    Loop(cfg.loop).run()
    Net(cfg.net)
    report(part=cfg["report"])
    print(cfg.trainer.max_epoch)
