"""The script of the study, for Hydra 0.11."""

import hydra


@hydra.main(config_path="conf/start.yaml")
def main(cfg: object) -> None:
    """Start."""
