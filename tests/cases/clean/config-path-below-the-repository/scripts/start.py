"""The script of a study; its helper finds the root of the repository."""

import hydra
import rootutils

root = rootutils.setup_root(__file__, indicator=["setup.py"], pythonpath=True)


@hydra.main(version_base="1.3", config_path=root / "settings", config_name="start.yaml")
def main(config: object) -> None:
    """Start."""
