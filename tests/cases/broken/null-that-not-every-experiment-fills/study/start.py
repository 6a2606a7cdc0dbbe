"""The script of the study, which records under the name that its config gives."""

import hydra


@hydra.main(version_base=None, config_path="conf", config_name="start")
def main(cfg: object) -> None:
    """Make the logger."""
    print(hydra.utils.instantiate(cfg.logger))
