"""How far a journal was sent."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from serotiny.filesystem import read_plain_file, replace_file
from serotiny.tracking.contents import is_whole_number
from serotiny.tracking.outbox.entry import is_entry

_LARGEST_BYTES = 10_000_000


@dataclass
class Progress:
    """How far a journal was sent: everything before `offset`, except the uploads in `pending`.

    Attributes:
        pending: upload entries by artifact path; a newer entry for the same path replaces an older one.
        refused: the number of entries that the store refuses for good.
    """

    offset: int = 0
    pending: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: int = 0

    @classmethod
    def read(cls, file: Path, size: int) -> Progress:
        """What a file says of a journal of `size` bytes; nothing if that is not known, since sending twice is harmless."""
        try:
            progress = cls(**json.loads(read_plain_file(file, _LARGEST_BYTES)))
            return progress if progress._is_sound(size) else cls()
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return cls()

    def write(self, file: Path) -> None:
        """Write it to a file.

        Raises:
            OSError: the disk is full.
        """
        replace_file(file, json.dumps(asdict(self)))

    def _is_sound(self, size: int) -> bool:
        return (
            is_whole_number(self.refused)
            and is_whole_number(self.offset)
            and 0 <= self.offset <= size
            and all(
                data["to"] == target and is_entry("upload", data) for target, data in self.pending.items()
            )
        )
