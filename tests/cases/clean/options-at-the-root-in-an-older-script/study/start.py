"""The script of the study, for a Hydra before 1.1."""

from functools import partial

import hydra
from torch import nn


@hydra.main(config_path="conf/start.yaml", strict=True)
def main(cfg: object) -> None:
    """Start: the layer gets its number of outputs when it is made."""
    layer = partial(nn.Linear, cfg.rows, **cfg.model.layer)
    layer(out_features=cfg.model.depth)
