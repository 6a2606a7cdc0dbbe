"""Judges, with the root of the tools on Python's path."""

import hydra
import rootutils

root = rootutils.setup_root(__file__, indicator=["tools.txt"], pythonpath=True)


@hydra.main(config_path="../../runner/configs", config_name="judge", version_base=None)
def main(config):
    """Make the judge."""
    return hydra.utils.instantiate(config.judge)


if __name__ == "__main__":
    main()
