"""The script of the study, which loads the weights of each part itself."""

import hydra
import torch


@hydra.main(version_base="1.3", config_path="conf", config_name="main")
def main(config):
    """Start."""
    parts = {name: loaded(config, name) for name in ("encoder", "decoder")}
    print(parts)


def loaded(config, part_name):
    """One part of the model, with its weights."""
    weights = None
    if "path_to_weights" in config.model.get(part_name):
        weights = torch.load(config.model.get(part_name).path_to_weights)
        del config.model.get(part_name).path_to_weights
    part = hydra.utils.instantiate(config.model.get(part_name))
    if weights is not None:
        part.load_state_dict(weights)
    return part
