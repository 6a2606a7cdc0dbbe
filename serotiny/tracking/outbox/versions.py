"""The versions of files that wait for their upload."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import threading
from collections import Counter, defaultdict
from pathlib import Path

_KEPT_VERSIONS = 2


class Versions:
    """Links to files in `folder`, or copies of them, each until it is uploaded. Many threads may use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: dict[str, list[Path]] = defaultdict(list)
        self._pinned: Counter[Path] = Counter()
        self._lock = threading.Lock()

    def keep(self, file: Path, artifact_path: str, first_number: int) -> Path:
        """Link or copy the current version of a file into the folder; returns the link.

        The file may be replaced afterwards, but not written to in place. Of several versions for one artifact path
        only the newest ones are kept, and the one whose upload is next.

        Args:
            file: the file.
            artifact_path: where it is to be uploaded.
            first_number: from which on numbers are tried for its name.

        Raises:
            OSError: the disk is full or the folder does not exist any more.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        names = (f"{number}-{Path(artifact_path).name}" for number in itertools.count(first_number))
        version = next(self.folder / name for name in names if _linked(file, self.folder / name))
        with self._lock:
            kept = self._kept[artifact_path]
            kept.append(version)
            for old in kept[:-_KEPT_VERSIONS]:
                if old not in self._pinned:
                    old.unlink(missing_ok=True)
                    kept.remove(old)
        return version

    def pin(self, version: Path) -> bool:
        """Keep a version until it is released as often as it was pinned; False if a newer one has replaced it already."""
        with self._lock:
            self._pinned[version] += 1
            return version.exists()

    def release(self, version: Path) -> None:
        """Delete a version that is uploaded or not needed any more; files that `keep` did not make are left."""
        with self._lock:
            self._pinned[version] -= 1
            if self._pinned[version] <= 0:
                del self._pinned[version]
                if version.parent == self.folder:
                    with contextlib.suppress(OSError):  # a folder that is read-only by now
                        version.unlink()

    def discard(self) -> None:
        """Delete all versions, when all uploads are done."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _linked(file: Path, link: Path) -> bool:
    """Make a hard link to the file, or a copy if links do not work; False if the name exists already."""
    try:
        link.hardlink_to(file)
    except FileExistsError:
        return False
    except OSError as error:
        if not file.exists():
            raise
        if link.exists():
            return False
        try:
            shutil.copy2(file, link)
        except OSError:
            link.unlink(missing_ok=True)
            raise error from None
    return True
