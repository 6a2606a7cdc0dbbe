"""The script of the study."""

import hydra


@hydra.main(config_path="conf", config_name="collect")
def main(cfg: object) -> None:
    """Start: each agent has the options of its own group, and the rate stands at the root."""
    print(cfg.agent.first.depth + cfg.agent.second.depth, cfg.size * cfg.depth, cfg.output)
