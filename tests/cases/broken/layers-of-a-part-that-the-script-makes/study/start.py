"""The script of the study, which makes its model itself."""

import hydra


@hydra.main(version_base=None, config_path="conf", config_name="start")
def main(cfg: object) -> None:
    """Make the model."""
    hydra.utils.instantiate(cfg.model.encoder)
