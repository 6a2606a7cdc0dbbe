"""What the store knows of a checkpoint, so that a truncated or replaced one is told from a good one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from serotiny.tracking import layout

LAST = "last"
BEST = "best"
"""Names that choose one of a run's checkpoints without naming it."""

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class CheckpointRecord:
    """One checkpoint among the artifacts.

    Attributes:
        path: artifact path, such as `checkpoints/last.ckpt`.
        size_bytes, sha256: of the whole file.
        epoch, step: Lightning's `current_epoch` and `global_step` when it was written.
        monitor, score: the metric that it is the best of.
    """

    path: str
    size_bytes: int
    sha256: str
    epoch: int | None = None
    step: int | None = None
    monitor: str | None = None
    score: float | None = None

    @classmethod
    def of_file(
        cls,
        file: Path,
        path: str,
        epoch: int | None = None,
        step: int | None = None,
        monitor: str | None = None,
        score: float | None = None,
    ) -> CheckpointRecord:
        """The record of a local file that is to become the artifact `path`."""
        return cls(path, file.stat().st_size, digest_of(file), epoch, step, monitor, score)

    @property
    def tag(self) -> str:
        """The tag that tells of it."""
        return f"{layout.TAG_CHECKPOINT_PREFIX}{Path(self.path).stem}"[:250]

    def to_json(self) -> str:
        """The tag's value."""
        return json.dumps(asdict(self))

    def fits(self, file: Path) -> bool:
        """Whether `file` is this checkpoint, whole."""
        return file.stat().st_size == self.size_bytes and digest_of(file) == self.sha256


def digest_of(file: Path) -> str:
    """SHA-256 of a file."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def recorded_checkpoints(tags: Mapping[str, str]) -> list[CheckpointRecord]:
    """The checkpoints that the tags of a run tell of, the newest first."""
    texts = [text for tag, text in tags.items() if tag.startswith(layout.TAG_CHECKPOINT_PREFIX)]
    return sorted(_readable(texts), key=lambda record: (record.step or 0, record.path), reverse=True)


def _readable(texts: Iterable[str]) -> Iterable[CheckpointRecord]:
    for text in texts:
        try:
            yield CheckpointRecord(**json.loads(text))
        except (ValueError, TypeError):
            continue  # written by a later version, or by hand: not ours to judge
