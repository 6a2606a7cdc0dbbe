"""The script of the study, whose search needs a resolver of its own."""

import hydra
from omegaconf import OmegaConf


@hydra.main(version_base=None, config_path="conf", config_name="search")
def main(cfg: object) -> None:
    """Print what there is."""
    print(cfg.width)


if __name__ == "__main__":
    OmegaConf.register_new_resolver("eval", eval)
    main()
