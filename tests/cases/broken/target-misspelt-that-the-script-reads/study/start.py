"""The script of the study, which says what it makes."""

import hydra


@hydra.main(version_base=None, config_path="conf", config_name="start")
def main(cfg: object) -> None:
    """Make the activation."""
    print(f"makes {cfg.activation._target_}")
    hydra.utils.instantiate(cfg.activation)
