"""The script of the study, which leaves its model to a package."""

import hydra
from nowhere.models import make_model


@hydra.main(version_base=None, config_path="conf", config_name="start")
def main(cfg: object) -> None:
    """Have the model made."""
    make_model(cfg)
