"""The script of the study."""

import hydra

from study.lengths import with_length


@hydra.main(version_base=None, config_path="config", config_name="main")
def main(config: object) -> None:
    """Make the schedule."""
    with_length(config)
    hydra.utils.instantiate(config.rate, optimizer=None)
