"""The script of the study."""

import hydra


@hydra.main(version_base=None, config_path="conf", config_name="start")
def main(cfg: object) -> None:
    """Make the trainer."""
    hydra.utils.instantiate(cfg.trainer)
