"""Cache the parts of an answer, which may still be valid after some of its inputs have changed.

Each part records its own inputs (`serotiny.reads.Answering`). All other inputs of the answer are shared: the parts can
be used as long as those are unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from serotiny.cache.entries import Room, forget_own_files
from serotiny.reads import Reads, kind_of, presence_of, state_of

if TYPE_CHECKING:
    from collections.abc import Callable

_PARTS: Final = Room("parts")


class Parts:
    """The parts of a call's answer: the cached ones of an earlier call, and the new ones for a later call.

    Args:
        key: identifies the call.
        reads: the record of what the current answer reads.
    """

    def __init__(self, key: list[Any], reads: Reads) -> None:
        self._key = key
        self._reads = reads
        self._kept: tuple[Any, Reads] | None = None

    def earlier(self) -> Any | None:
        """The parts of an earlier call, if their shared inputs are unchanged, which become inputs of this answer."""
        entry = _PARTS.load(self._key)
        shared = entry.reads_now() if entry is not None else None
        if entry is None or shared is None:
            return None
        self._reads.add(shared)
        return entry.answer

    def keep(self, parts: Any) -> None:
        """Keep parts, as JSON data, with what has been read so far."""
        self._kept = (parts, self._reads.shared())

    def store(self, code: Reads, is_settled: Callable[[Reads], bool]) -> None:
        """Write the parts that were kept.

        Args:
            code: the code that made the parts.
            is_settled: whether files that were read cannot change any more without changing their state.
        """
        if self._kept is None:
            return
        parts, shared = self._kept
        shared.add(code)
        forget_own_files(shared)
        answered = self._reads.answered
        if answered is not None:
            forget_own_files(answered)
        if not is_settled(shared) or (answered is not None and not _is_still(answered, is_settled)):
            return
        _PARTS.store(self._key, shared, parts)


def _is_still(answered: Reads, is_settled: Callable[[Reads], bool]) -> bool:
    """Whether the inputs of a part are unchanged since it was computed: it is stored with their states now."""
    listed = Reads()
    listed.folders = answered.folders
    every: tuple[tuple[dict[str, Any], Callable[[str], Any]], ...] = (
        (answered.files, presence_of),
        (answered.kinds, kind_of),
        (answered.folders, state_of),
    )
    return is_settled(listed) and all(
        state == now_of(path) for states, now_of in every for path, state in states.items()
    )
