"""Store a picture with the recorded run, or in a folder."""

from __future__ import annotations

from pathlib import Path

import pytorch_lightning as pl

from serotiny.filesystem import replace_file

PICTURES_FOLDER = "pictures"


def keep_picture(trainer: pl.Trainer, name: str, png: bytes) -> None:
    """Give a picture to the run that is being recorded, or write it to the trainer's folder if none is.

    Raises:
        OSError: the folder cannot be written.
    """
    if not trainer.is_global_zero or getattr(trainer, "fast_dev_run", False):
        return
    keepers = [logger for logger in trainer.loggers if callable(getattr(type(logger), "keep_picture", None))]
    for keeper in keepers:
        keeper.keep_picture(name, png)  # type: ignore[attr-defined]  # has the method, as was just checked
    if not keepers:
        folder = Path(trainer.default_root_dir) / PICTURES_FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / f"{name}.png", png)
