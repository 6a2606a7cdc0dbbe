"""The script of the study; without `version_base` Hydra behaves as before 1.2."""

import hydra


@hydra.main(config_path="conf", config_name="main")
def main(config: object) -> None:
    """Start."""
