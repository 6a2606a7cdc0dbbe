"""The script of the study."""

import hydra


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg: object) -> None:
    """Show the config."""
    print(cfg)
