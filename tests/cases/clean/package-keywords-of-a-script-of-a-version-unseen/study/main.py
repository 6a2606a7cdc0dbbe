"""The script of the study, whose `version_base` comes from elsewhere."""

import hydra
from nowhere import VERSION


@hydra.main(version_base=VERSION, config_path="conf", config_name="main")
def main(config: object) -> None:
    """Start."""
