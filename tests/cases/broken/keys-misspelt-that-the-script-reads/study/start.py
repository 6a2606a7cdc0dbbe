"""The script of the study, which reads most of its config itself."""

import hydra

from study.loop import Loop


@hydra.main(version_base=None, config_path="conf", config_name="start")
def main(cfg: object) -> None:
    """Run the loop."""
    print(cfg.seed, cfg.width)
    if cfg.get("warm_up"):
        print(cfg.loop.momentum)
    Loop(cfg).run()
