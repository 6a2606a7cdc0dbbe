"""What the store knows of a checkpoint, so that a truncated or replaced one is told from a good one."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from serotiny.tracking import layout

LAST = "last"
BEST = "best"
"""Names that choose one of a run's checkpoints without naming it."""

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRecord:
    """One checkpoint among the artifacts.

    Attributes:
        path: artifact path, such as `checkpoints/last.ckpt`.
        size_bytes, sha256: of the whole file.
        epoch, step: Lightning's `current_epoch` and `global_step` when it was written.
        monitor, score: the metric that it is the best of.
        generation: which start of the run uploaded it.
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
        """The record of a local file that is to become the artifact `path`."""
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
        """The tag that tells of it."""
        return tag_of(self.path)

    @property
    def age(self) -> tuple[int, int]:
        """Grows as a run goes on: a later start begins where an earlier one has come to."""
        return (self.generation or 0, self.step or 0)

    def to_json(self) -> str:
        """The tag's value."""
        return json.dumps(asdict(self))

    def fits(self, file: Path) -> bool:
        """Whether `file` is this checkpoint, whole."""
        return file.stat().st_size == self.size_bytes and digest_of(file) == self.sha256


def tag_of(path: str) -> str:
    """The tag that tells of the checkpoint at an artifact path."""
    # as long as MLflow lets a tag's name be
    return f"{layout.TAG_CHECKPOINT_PREFIX}{Path(path).stem}"[:250]


def digest_of(file: Path) -> str:
    """SHA-256 of a file."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def is_whole_archive(file: Path) -> bool:
    """Whether it is an archive, as checkpoints are, in which every byte is as it was written.

    torch does not look at the checksums. It compresses nothing: of a file that does, nobody knows how large it gets.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            is_plain = all(part.compress_type == zipfile.ZIP_STORED for part in parts)
            # two entries may name the same bytes
            is_plain &= sum(part.file_size for part in parts) <= file.stat().st_size
            return is_plain and archive.testzip() is None
    except (OSError, zipfile.BadZipFile, RuntimeError, EOFError, ValueError, NotImplementedError, zlib.error):
        return False


def recorded_checkpoints(tags: Mapping[str, str]) -> list[CheckpointRecord]:
    """The checkpoints that the tags of a run tell of, the newest first."""
    texts = [text for tag, text in tags.items() if tag.startswith(layout.TAG_CHECKPOINT_PREFIX)]
    return sorted(_readable(texts), key=lambda record: (record.step or 0, record.path), reverse=True)


def recorded_checkpoint(tags: Mapping[str, str], path: str) -> CheckpointRecord | None:
    """What the tags of a run tell of the checkpoint at an artifact path."""
    return next(iter(_readable([tags[tag_of(path)]] if tag_of(path) in tags else [])), None)


def _readable(texts: Iterable[str]) -> Iterable[CheckpointRecord]:
    for text in texts:
        try:
            yield CheckpointRecord(**json.loads(text))
        except (ValueError, TypeError):
            continue  # written by a later version, or by hand: not ours to judge
