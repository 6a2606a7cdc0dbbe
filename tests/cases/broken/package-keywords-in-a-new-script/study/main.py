"""The script of the study; from 1.2 on Hydra takes `_group_` for the name of a key."""

import hydra


@hydra.main(version_base="1.3", config_path="conf", config_name="main")
def main(config: object) -> None:
    """Start."""
