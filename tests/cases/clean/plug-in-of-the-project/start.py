"""The script of the configs."""

import hydra


@hydra.main(config_path="conf", config_name="start", version_base=None)
def main(config):
    """Use the config."""
    print(config.data)


if __name__ == "__main__":
    main()
