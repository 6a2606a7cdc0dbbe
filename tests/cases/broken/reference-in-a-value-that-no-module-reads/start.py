"""The script of the study, which hands the whole config on."""

import hydra
from study.build import build


@hydra.main(version_base="1.3", config_path="conf", config_name="main")
def main(config: object) -> None:
    """Start."""
    print(config.seed)
    build(config)
