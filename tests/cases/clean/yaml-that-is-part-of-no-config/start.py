"""Print the config."""

import hydra


@hydra.main(config_path="conf", config_name="start", version_base="1.3")
def main(cfg: object) -> None:
    """Print it."""
    print(cfg)
