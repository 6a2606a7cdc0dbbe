"""The script of the study, which gives each target only what that takes."""

import inspect

import hydra
from hydra.utils import get_class, instantiate


def make(cfg):
    """Make an object of a node, without the keys that other configs only refer to."""
    taken = inspect.signature(get_class(cfg["_target_"])).parameters
    return instantiate({key: value for key, value in cfg.items() if key in taken or key == "_target_"})


@hydra.main(version_base=None, config_path="conf", config_name="start")
def main(cfg):
    """Make the model."""
    print(make(cfg.net).width)


if __name__ == "__main__":
    main()
