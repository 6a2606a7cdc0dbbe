"""The script of the study."""

import hydra


@hydra.main(version_base=None, config_path="conf", config_name="start")
def main(cfg: object) -> None:
    """Show what is asked for."""
    print(cfg.seed, cfg.loop.epochs, cfg.loop.patience, cfg.activation._target_)
