"""The script of the study, which stores two configs by name."""

from dataclasses import dataclass

import hydra
from hydra.core.config_store import ConfigStore


@dataclass
class Root:
    steps: int = 100


store = ConfigStore.instance()
store.store(name="root_schema", node=Root)
store.store(group="solver", name="adam", node={"rate": 0.1})


@hydra.main(version_base=None, config_path="conf", config_name="main")
def main(config: object) -> None:
    """Start."""
