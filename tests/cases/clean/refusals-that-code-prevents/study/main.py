"""The script of the study."""

import hydra


@hydra.main(version_base=None, config_path="config", config_name="main")
def main(config: object) -> None:
    """Call each part."""
    for name in config.ways:
        hydra.utils.instantiate(config.ways[name], image=None, net="small")
    hydra.utils.instantiate(config.single, None, net="large")
