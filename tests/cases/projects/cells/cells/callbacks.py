from __future__ import annotations

from lightning import Callback


class SaveImages(Callback):
    def __init__(self, save_dir: str, every_n_epochs: int = 1, stages: list[str] | None = None) -> None:
        super().__init__()
