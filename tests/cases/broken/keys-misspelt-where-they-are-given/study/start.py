"""The scripts of the study, which read all of their configs."""

import hydra


@hydra.main(version_base=None, config_path="conf", config_name="start")
def main(cfg: object) -> None:
    """Show where the data are."""
    print(cfg.data.train, cfg.data.test)


@hydra.main(version_base=None, config_path="conf", config_name="laid")
def laid(cfg: object) -> None:
    """Show the head."""
    print(cfg.head.inputs, cfg.head.depth)
