"""The script of the study, which gives single values of its config to what it imports."""

import hydra
import lightning.pytorch as pl
import torch
from lightning.pytorch import Trainer, seed_everything
from torch.utils.data import DataLoader

from study.net import make_net


class Digits(pl.LightningDataModule):
    """Loads what the config says."""

    def __init__(self, cfg: object) -> None:
        super().__init__()
        self.cfg = cfg

    def train_dataloader(self) -> DataLoader:
        """The only loader."""
        return DataLoader([], num_workers=self.cfg.workers)


@hydra.main(version_base=None, config_path="conf", config_name="start")
def main(cfg: object) -> None:
    """Train."""
    seed_everything(cfg.seed, workers=True)
    net = make_net(cfg.net)
    rate = cfg["optimizer"].lr
    torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=cfg.optimizer.decay)
    if cfg.log:
        torch.set_num_threads(cfg.threads)
    Trainer(max_epochs=cfg.epochs).fit(net, Digits(cfg.loader))
