"""The script of the study, which reads keys that its config need not have, or adds them."""

import hydra
from omegaconf import open_dict


@hydra.main(version_base=None, config_path="conf", config_name="start")
def main(cfg: object) -> None:
    """Print what there is."""
    steps = cfg.steps if "steps" in cfg else 3
    with open_dict(cfg):
        cfg.run_name = "first"
    print(steps, cfg.run_name, cfg.loop.size, cfg.get("seeds"), seed_of(cfg), cfg.mode, cfg.model)


def seed_of(cfg: object) -> int:
    """The only seed."""
    return cfg.seed
