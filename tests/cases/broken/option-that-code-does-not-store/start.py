"""The script of the study, which stores options in a group below the one that is chosen in."""

import hydra
from hydra.core.config_store import ConfigStore
from study.net import Net

nets = ConfigStore.instance()
nets.store(name="small", node={"_target_": "study.net.Net"}, group="model/net")


@hydra.main(version_base="1.3", config_path="conf", config_name="main")
def main(config: object) -> None:
    """Start."""
    print(Net, config.seed)
