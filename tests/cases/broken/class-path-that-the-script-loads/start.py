"""The script of the study, which loads the class."""

import hydra
from hydra.utils import get_class, instantiate


@hydra.main(version_base="1.3", config_path="conf", config_name="main")
def main(config: object) -> None:
    """Start."""
    instantiate(config.task, optimizer_cls=get_class(config.task.optimizer_cls))
