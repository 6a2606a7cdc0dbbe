"""Steps of a pipeline, each of which is given its config as a whole."""

import hydra


def build(config):
    """Make whatever step a config names."""
    target = config._target_
    return hydra.utils.instantiate({"_target_": target}, config, _recursive_=False)


class Encoder:
    """Encodes one file."""

    def __init__(self, width: int, input_file: str) -> None:
        self.width = width
        self.input_file = input_file


class Encode:
    """Encodes the files of a folder."""

    def __init__(self, config, name: str = "") -> None:
        self.config = config
        self.name = name

    def run(self):
        """Make an encoder for each file."""
        return [
            hydra.utils.instantiate(self.config.encoder, input_file=f"{self.config.folder}/{number}")
            for number in range(self.config.shards)
        ]


class Index:
    """Makes an index of what was encoded, or of nothing."""

    def __init__(self, config=None, checked: bool = False) -> None:
        self.config = config
        self.checked = checked


@hydra.main(config_path="../conf", config_name="config", version_base="1.3")
def main(cfg):
    """Run the steps in the order of the config."""
    for name in cfg.steps:
        build(cfg.steps[name]).run()
