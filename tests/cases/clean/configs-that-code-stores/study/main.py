"""The script of the study."""

import hydra
from study.schemas import register

register()


@hydra.main(version_base=None, config_path="conf", config_name="main")
def main(config: object) -> None:
    """Start."""
