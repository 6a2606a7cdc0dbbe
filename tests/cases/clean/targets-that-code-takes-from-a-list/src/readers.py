"""A dataset that reads in several ways."""

import hydra


class Frames:
    """Reads pictures."""


class Features:
    """Reads what another model made of them."""


class Clips:
    """Makes a reader of each target of a list."""

    def __init__(self, reader):
        self.readers = []
        targets = reader["_target_"]
        for number in range(len(targets)):
            one = reader.copy()
            one["_target_"] = targets[number]
            self.readers.append(hydra.utils.instantiate(one))


@hydra.main(config_path="../conf", config_name="config", version_base="1.3")
def main(cfg):
    """Makes the dataset, and leaves its parts to it."""
    hydra.utils.instantiate(cfg.dataset, _recursive_=False)
