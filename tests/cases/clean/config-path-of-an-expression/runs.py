"""The script of the study: it makes what the config itself names, from the whole of it."""

import pathlib

import hydra


@hydra.main(version_base=None, config_path=str(pathlib.Path(__file__).parent.joinpath("study", "settings")))
def main(config: object) -> None:
    """Start."""
    make = hydra.utils.get_class(config._target_)
    make(config).run()
