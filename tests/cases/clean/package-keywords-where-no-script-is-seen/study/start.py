"""The script of the study, which leaves Hydra to a package."""

from nowhere import run_with_configs

if __name__ == "__main__":
    run_with_configs("conf", "main")
