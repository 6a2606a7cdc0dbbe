"""Trains, started with the folder around its package on Python's path."""

import hydra

from src.nets import Net


@hydra.main(config_path="../configs", config_name="train", version_base=None)
def main(config):
    """Make the net."""
    return hydra.utils.instantiate(config.net), Net


if __name__ == "__main__":
    main()
