"""The script of the study, which makes other values of those of its config before it gives them on."""

import hydra
import torch
from elsewhere.settings import complete
from lightning.pytorch import Trainer, seed_everything


@hydra.main(version_base=None, config_path="conf", config_name="start")
def main(cfg: object) -> None:
    """Train."""
    if cfg.seed is not None:
        seed_everything(cfg.seed)
    cfg.epochs = int(cfg.epochs)
    prepare(cfg.loop)
    complete(cfg.layer)
    torch.nn.Linear(cfg.layer.rows, cfg.layer.columns)
    Trainer(max_epochs=cfg.epochs, max_steps=int(cfg.steps), min_steps=cfg.loop.shortest)
    if cfg.kind == "plain":
        torch.nn.Linear(cfg.width, 3)
    else:
        label(cfg.width)
    if isinstance(cfg.height, int):
        torch.nn.Linear(cfg.height, 3)
    torch.optim.SGD([], lr=cfg.get("rate") or 0.1, momentum=cfg.momentum if cfg.momentum else 0.0)


def prepare(loop: object) -> None:
    """Read the shortest length."""
    loop.shortest = int(loop.shortest)


def label(width: str) -> None:
    """Print a width by its name."""
    print(width)
