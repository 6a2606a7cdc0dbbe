"""A script that makes the network as the config says."""

import hydra


@hydra.main(version_base=None, config_path="conf", config_name="main")
def main(config) -> None:
    """Start."""
    print(hydra.utils.instantiate(config.net))


if __name__ == "__main__":
    main()
