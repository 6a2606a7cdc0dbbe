"""Keep the checkpoints of a run in its folder, and upload them to its artifacts."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serotiny.filesystem import replacing
from serotiny.tracking.session import RunSession

LAST = "last.ckpt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A checkpoint that a `ModelCheckpoint` keeps.

    Attributes:
        rank: its rank among all that are kept for the metric; 1 is the best.
        suffix: distinguishes it from those of the same metric with the other mode.
    """

    path: Path
    monitor: str
    rank: int
    score: float
    suffix: str = ""

    @property
    def name(self) -> str:
        """Its name among the artifacts."""
        metric = re.sub(r"[^\w.-]", "_", self.monitor)
        return f"best-{metric}{self.suffix}{f'-{self.rank}' if self.rank > 1 else ''}.ckpt"


class CheckpointStore:
    """The folder of a run's checkpoints, and their uploads to MLflow.

    `last.ckpt` is uploaded whenever it is written, the best one of each monitored metric as `best-METRIC.ckpt`
    when it has changed, and the next best ones that a `ModelCheckpoint` keeps at the end.
    """

    def __init__(self, folder: Path, session: RunSession, model_checkpoint: type[Any]) -> None:
        """Args: `model_checkpoint` is the class of the job's Lightning package."""
        self.folder = folder
        self._session = session
        self._model_checkpoint = model_checkpoint
        self._uploaded: dict[str, Kept] = {}
        self.was_written = False
        """Whether this job has written `last.ckpt`."""

    @property
    def last(self) -> Path:
        """The path of `last.ckpt`, which need not exist yet."""
        return self.folder / LAST

    def adopt(self, callbacks: Sequence[Any]) -> None:
        """Let `ModelCheckpoint`s without a folder use this one; none may write `last.ckpt`, which `ExactResume` does."""
        for callback in callbacks:
            if not isinstance(callback, self._model_checkpoint):
                continue
            if callback.dirpath is None:
                callback.dirpath = str(self.folder)
            if callback.save_last and Path(callback.dirpath).resolve() == self.folder.resolve():
                callback.save_last = False

    def on_last_written(self, trainer: Any, path: Path) -> None:
        """Queue `last.ckpt` for upload, and the best checkpoints that have changed since."""
        self.was_written = True
        self._session.upload_checkpoint(path, epoch=trainer.current_epoch, step=trainer.global_step)
        for kept in self._kept(trainer):
            if kept.rank == 1:
                self._upload(kept, trainer)

    def upload_kept(self, trainer: Any) -> None:
        """Queue all checkpoints that the `ModelCheckpoint`s keep and that are not queued yet."""
        for kept in self._kept(trainer):
            self._upload(kept, trainer)

    def best(self, trainer: Any) -> tuple[Kept, ...]:
        """The best checkpoint of each monitored metric, in the order of the `ModelCheckpoint`s."""
        return tuple(kept for kept in self._kept(trainer) if kept.rank == 1)

    def _upload(self, kept: Kept, trainer: Any) -> None:
        # with its score, since a `ModelCheckpoint` may write each better one to the same file
        if self._uploaded.get(kept.name) == kept or not kept.path.is_file():
            return
        self._uploaded[kept.name] = kept
        named = self.folder / kept.name
        # a link with a name of our own, since ModelCheckpoint may delete its file while the upload waits
        place_link(kept.path, named)
        # Lightning does not record when it was written; these values at least keep the order of checkpoints
        self._session.upload_checkpoint(
            named, step=trainer.global_step, monitor=kept.monitor, score=kept.score
        )

    def _kept(self, trainer: Any) -> Iterator[Kept]:
        """All checkpoints that the `ModelCheckpoint`s keep, for each metric and mode the best first."""
        scores: dict[tuple[str, str], dict[str, float]] = {}
        for callback in trainer.callbacks:
            if isinstance(callback, self._model_checkpoint) and callback.monitor:
                found = scores.setdefault((callback.monitor, callback.mode), {})
                found |= {path: float(score) for path, score in callback.best_k_models.items()}
        metrics = [monitor for monitor, _ in scores]
        for number, ((monitor, mode), found) in enumerate(scores.items()):
            suffix = f"-{mode}" if monitor in metrics[:number] else ""
            for rank, path in enumerate(_ranked(found, mode), start=1):
                yield Kept(path=Path(path), monitor=monitor, rank=rank, score=found[path], suffix=suffix)


def _ranked(scores: dict[str, float], mode: str) -> list[str]:
    """The paths, the best first; those with a score of NaN last."""
    sign = -1.0 if mode == "max" else 1.0
    return sorted(scores, key=lambda path: (math.isnan(scores[path]), sign * scores[path]))


def place_link(source: Path, target: Path) -> None:
    """Make `target` a hard link to `source`, replacing it atomically; a copy if links do not work."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as partial:
        try:
            partial.hardlink_to(source)
        except OSError:
            shutil.copyfile(source, partial)
