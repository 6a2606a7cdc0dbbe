"""The script of the study, which is started by its path."""

import hydra
from shapes import Square


@hydra.main(version_base=None, config_path="conf", config_name="start")
def main(config: object) -> None:
    """Make what the config names."""
    assert isinstance(hydra.utils.instantiate(config).square, Square)


if __name__ == "__main__":
    main()
