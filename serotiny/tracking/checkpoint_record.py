"""The record of a checkpoint in the store, by which a truncated or replaced file is recognised."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from serotiny.checkpoint_archive import ArchiveError, open_archive
from serotiny.tracking import layout

LAST = "last"
BEST = "best"
"""The words that a user may write for a run's best or newest checkpoint."""

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRecord:
    """One checkpoint among the artifacts.

    Attributes:
        path: artifact path, such as `checkpoints/last.ckpt`.
        size_bytes, sha256: of the whole file.
        epoch, step: Lightning's `current_epoch` and `global_step` when it was written.
        monitor, score: the metric by which it is the best, and its value; None for others.
        generation: the number of the start of the run that uploaded it.
    """

    path: str
    size_bytes: int
    sha256: str
    epoch: int | None = None
    step: int | None = None
    monitor: str | None = None
    score: float | None = None
    generation: int | None = None

    @classmethod
    def of_file(
        cls,
        file: Path,
        path: str,
        epoch: int | None = None,
        step: int | None = None,
        monitor: str | None = None,
        score: float | None = None,
        generation: int | None = None,
    ) -> CheckpointRecord:
        """The record of a local file that will be uploaded as the artifact `path`."""
        return cls(
            path=path,
            size_bytes=file.stat().st_size,
            sha256=digest_of(file),
            epoch=epoch,
            step=step,
            monitor=monitor,
            score=score,
            generation=generation,
        )

    @property
    def tag(self) -> str:
        """The name of the tag that holds it."""
        return tag_of(self.path)

    @property
    def age(self) -> tuple[int, int]:
        """A sort key that grows during a run and over its restarts, newest last."""
        return (self.generation or 0, self.step or 0)

    def to_json(self) -> str:
        """The tag's value."""
        return json.dumps(asdict(self))

    def fits(self, file: Path) -> bool:
        """Whether `file` is exactly this checkpoint, complete."""
        return file.stat().st_size == self.size_bytes and digest_of(file) == self.sha256


def tag_of(path: str) -> str:
    """The name of the tag for the checkpoint at an artifact path."""
    # cut to the longest name that MLflow allows for a tag
    return f"{layout.TAG_CHECKPOINT_PREFIX}{Path(path).stem}"[:250]


def digest_of(file: Path) -> str:
    """SHA-256 of a file."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def is_whole_archive(file: Path) -> bool:
    """Whether a file is a complete ZIP archive, the format of checkpoints, whose checksums are all right.

    torch itself does not verify the checksums.
    """
    try:
        with open_archive(file) as archive:
            return archive.testzip() is None
    except ArchiveError:
        return False


def recorded_checkpoints(tags: Mapping[str, str]) -> list[CheckpointRecord]:
    """The checkpoints that the tags of a run describe, the newest first."""
    texts = [text for tag, text in tags.items() if tag.startswith(layout.TAG_CHECKPOINT_PREFIX)]
    return sorted(_readable(texts), key=lambda record: (record.step or 0, record.path), reverse=True)


def recorded_checkpoint(tags: Mapping[str, str], path: str) -> CheckpointRecord | None:
    """The record in a run's tags of the checkpoint at an artifact path; None if there is none."""
    return next(iter(_readable([tags[tag_of(path)]] if tag_of(path) in tags else [])), None)


_RECORD = TypeAdapter(CheckpointRecord)


def _readable(texts: Iterable[str]) -> Iterable[CheckpointRecord]:
    for text in texts:
        try:
            record = _RECORD.validate_json(text, strict=True)
        except ValidationError:
            continue  # written by a later version, or by hand; ignored
        if layout.is_artifact_path(record.path):
            yield record
