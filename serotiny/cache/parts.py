"""What is left of an answer when some of what it was read from has changed.

Parts of an answer know by themselves what they hang on (`serotiny.reads.Answering`). All else that the answer was
read from is what they share: they are of use as long as that is as it was.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from serotiny.cache.entries import Room, digest_of_names, forget_own_files
from serotiny.reads import Reads, presence_of, state_of

if TYPE_CHECKING:
    from collections.abc import Callable

_PARTS: Final = Room("parts")
_INSTALLED: Final = (sys.prefix, sys.base_prefix)


class Parts:
    """The parts of a call's answer: those of an earlier one, and those that are kept for a later one.

    Args:
        key: what the call is known by.
        reads: what its answer is being read from.
    """

    def __init__(self, key: list[Any], reads: Reads) -> None:
        self._key = key
        self._reads = reads
        self._kept: tuple[Any, Reads] | None = None

    def earlier(self) -> Any | None:
        """What an earlier call kept, where all that its parts share is as it was; this answer is then read from that, too."""
        entry = _PARTS.load(self._key)
        shared = entry.reads_now() if entry is not None else None
        if entry is None or shared is None:
            return None
        self._reads.add(shared)
        return entry.answer

    def keep(self, parts: Any) -> None:
        """Keep parts, as JSON data, beside what has been read so far."""
        self._kept = (parts, self._reads.shared())

    def store(self, code: Reads, is_settled: Callable[[Reads], bool]) -> None:
        """Store what was kept.

        Args:
            code: the code that made the parts.
            is_settled: whether what was read cannot change again without looking different.
        """
        if self._kept is None:
            return
        parts, shared = self._kept
        shared.add(code)
        forget_own_files(shared)
        answered = self._reads.answered
        if not is_settled(shared) or (answered is not None and not _is_still(answered, is_settled)):
            return
        names = {folder: digest_of_names(folder) for folder in shared.folders if not _is_installed(folder)}
        # listed now: what has changed since it was listed first has another state
        if all(state_of(folder) == shared.folders[folder] for folder in names):
            known = {folder: digest for folder, digest in names.items() if digest is not None}
            _PARTS.store(self._key, shared, parts, known)


def _is_installed(folder: str) -> bool:
    return folder.startswith(_INSTALLED) or "site-packages" in folder


def _is_still(answered: Reads, is_settled: Callable[[Reads], bool]) -> bool:
    """Whether what was looked at to answer is as it was then: a part is stored with the answer of now."""
    listed = Reads()
    listed.folders = answered.folders
    return is_settled(listed) and all(
        state == now_of(path)
        for states, now_of in ((answered.files, presence_of), (answered.folders, state_of))
        for path, state in states.items()
    )
