"""The script of the study."""

import hydra


@hydra.main(version_base=None, config_path="../conf", config_name="train")
def main(cfg: object) -> None:
    """Make the model."""
    hydra.utils.instantiate(cfg.model)
