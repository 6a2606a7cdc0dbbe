"""Parts that are registered by name, or named by a path."""

import hydra

KNOWN = {"linear": dict}


def make(parts):
    """Makes each part of what it names: a registered one, or else the target."""
    made = []
    for part in parts.values():
        name, path = part.get("module"), part["_target_"]
        rest = {key: value for key, value in part.items() if key not in ("module", "_target_")}
        made.append(KNOWN[name](rest) if name else hydra.utils.get_method(path)(**rest))
    return made


@hydra.main(config_path="../conf", config_name="config", version_base="1.3")
def main(cfg):
    """Makes the parts of a model."""
    make(cfg.parts)
