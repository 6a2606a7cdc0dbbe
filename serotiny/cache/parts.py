"""Cache the parts of an answer, which may still be valid after some of its inputs have changed.

Each part records its own inputs (`serotiny.reads.Answering`). All other inputs of the answer are shared: the parts can
be used as long as those are unchanged.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from serotiny.cache.entries import Room, forget_own_files
from serotiny.reads import CODE, Reads, kind_of, presence_of, state_of

if TYPE_CHECKING:
    from collections.abc import Callable

_PARTS: Final = Room("parts")


class Parts:
    """The parts of a call's answer: the cached ones of an earlier call, and the new ones for a later call.

    Args:
        key: identifies the call.
        reads: the record of what the current answer reads.

    Attributes:
        is_of_same_code: the code that the parts depend on is as it was.
    """

    def __init__(self, key: list[Any], reads: Reads) -> None:
        self._key = key
        self._reads = reads
        self._kept: tuple[Any, Reads] | None = None
        self.is_of_same_code = False

    def earlier(self) -> Any | None:
        """The parts of an earlier call, if their shared inputs are unchanged, which become inputs of this answer.

        So does the code that they depend on if it is unchanged, too, since nobody need be asked about it then.
        """
        entry, of_code = _PARTS.load(self._key), _PARTS.load(self._key_of_code)
        shared = entry.reads_now() if entry is not None else None
        if entry is None or shared is None:
            return None
        match entry.answer:
            case [str(mark), parts]:
                code = of_code.reads_now() if of_code is not None and of_code.answer == mark else None
            case _:
                return None
        self._reads.add(shared)
        if code is not None:
            self.is_of_same_code = True
            self._reads.answering(CODE).add(code)
        return parts

    @property
    def _key_of_code(self) -> list[Any]:
        return [*self._key, CODE]

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
        for answered in self._reads.answered.values():
            forget_own_files(answered)
        if not is_settled(shared) or not all(
            _is_still(answered, is_settled) for answered in self._reads.answered.values()
        ):
            return
        mark = os.urandom(16).hex()  # the two files are written one after the other
        of_code = self._reads.answering(CODE)
        if is_settled(of_code):
            _PARTS.store(self._key_of_code, of_code, mark)
        _PARTS.store(self._key, shared, [mark, parts])


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
