"""The checkpoints of a run: local first, then among the run's artifacts."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serotiny.filesystem import replacing
from serotiny.tracking.session import RunSession

LAST = "last.ckpt"


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint that a `ModelCheckpoint` keeps; `rank` counts from 1, the best."""

    path: Path
    monitor: str
    rank: int
    score: float

    @property
    def name(self) -> str:
        """Its name among the artifacts."""
        metric = re.sub(r"[^\w.-]", "_", self.monitor)
        return f"best-{metric}{f'-{self.rank}' if self.rank > 1 else ''}.ckpt"


class CheckpointStore:
    """The folder of a run's checkpoints, and what of it goes to MLflow.

    `last.ckpt` is uploaded whenever it is written, the best one of each monitored metric as
    `best-METRIC.ckpt` when it has changed, and the next best that a `ModelCheckpoint` keeps at the end.
    """

    def __init__(self, folder: Path, session: RunSession, model_checkpoint: type[Any]) -> None:
        """Args: `model_checkpoint` is the class of the job's Lightning package."""
        self.folder = folder
        self._session = session
        self._model_checkpoint = model_checkpoint
        self._uploaded: dict[str, Path] = {}

    @property
    def last(self) -> Path:
        """Where `last.ckpt` is, or will be."""
        return self.folder / LAST

    def adopt(self, callbacks: Sequence[Any]) -> None:
        """Give the `ModelCheckpoint`s that name no folder this one."""
        for callback in callbacks:
            if isinstance(callback, self._model_checkpoint) and callback.dirpath is None:
                callback.dirpath = str(self.folder)

    def on_last_written(self, trainer: Any, path: Path) -> None:
        """Queue `last.ckpt`, and what has become the best since."""
        self._session.upload_checkpoint(path, epoch=trainer.current_epoch, step=trainer.global_step)
        for kept in self._kept(trainer):
            if kept.rank == 1:
                self._upload(kept)

    def upload_kept(self, trainer: Any) -> None:
        """Queue everything that the `ModelCheckpoint`s keep and that is not queued yet."""
        for kept in self._kept(trainer):
            self._upload(kept)

    def best(self, trainer: Any) -> Path | None:
        """The best one by the first `ModelCheckpoint` that monitors a metric."""
        return next((kept.path for kept in self._kept(trainer)), None)

    def _upload(self, kept: Kept) -> None:
        if self._uploaded.get(kept.name) == kept.path or not kept.path.is_file():
            return
        self._uploaded[kept.name] = kept.path
        named = self.folder / kept.name
        # a name of our own: ModelCheckpoint may delete its file while the upload waits
        place_link(kept.path, named)
        self._session.upload_checkpoint(named, monitor=kept.monitor, score=kept.score)

    def _kept(self, trainer: Any) -> Iterator[Kept]:
        """What the `ModelCheckpoint`s keep, for each metric the best first."""
        for callback in trainer.callbacks:
            if not isinstance(callback, self._model_checkpoint) or not callback.monitor:
                continue
            scores = {path: float(score) for path, score in callback.best_k_models.items()}
            ranked = sorted(scores, key=scores.__getitem__, reverse=callback.mode == "max")
            for rank, path in enumerate(ranked, start=1):
                yield Kept(Path(path), callback.monitor, rank, scores[path])


def place_link(source: Path, target: Path) -> None:
    """Put `source` at `target` too, replacing what is there at once; a copy where links do not work."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as partial:
        try:
            partial.hardlink_to(source)
        except OSError:
            shutil.copyfile(source, partial)
