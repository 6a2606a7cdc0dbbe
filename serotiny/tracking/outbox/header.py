"""The run that a journal belongs to."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from serotiny.filesystem import read_plain_file, replace_file
from serotiny.tracking.outbox.errors import UnreadableJournalError

JOURNAL_FORMAT = 1

_LARGEST_BYTES = 10_000_000
_ID = re.compile(r"[\w\-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalHeader:
    """The run that a journal belongs to. Addresses are stored without credentials."""

    tracking_uri: str
    experiment_id: str
    run_id: str
    run_name: str
    generation: int = 1
    token: str = ""
    adopted: tuple[str, ...] = ()
    format: int = JOURNAL_FORMAT

    @classmethod
    def read(cls, file: Path) -> JournalHeader:
        """The header in a file, which another program may have written.

        Raises:
            UnreadableJournalError: there is none, or it is damaged or of a later version.
        """
        try:
            document = json.loads(read_plain_file(file, _LARGEST_BYTES).decode("utf-8"))
            header = cls(**{**document, "adopted": tuple(document["adopted"])})
            header._refuse_odd()
        except FileNotFoundError:
            raise UnreadableJournalError(f"there is no journal in {file.parent.parent}") from None
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else error
            raise UnreadableJournalError(f"the journal {file} cannot be read: {reason}") from error
        if header.format != JOURNAL_FORMAT:
            raise UnreadableJournalError(
                f"the journal {file} is of format {header.format}, not {JOURNAL_FORMAT}"
            )
        return header

    def write(self, file: Path) -> None:
        """Write it to a file.

        Raises:
            OSError: the disk is full or the folder does not exist.
        """
        replace_file(file, json.dumps(asdict(self), indent=2))

    def _refuse_odd(self) -> None:
        """Check the types.

        Raises:
            ValueError: a field is of a wrong type; or a TypeError.
        """
        texts = (self.tracking_uri, self.experiment_id, self.run_id, self.run_name, self.token)
        if not all(isinstance(text, str) for text in (*texts, *self.adopted)):
            raise ValueError("its names must be texts")
        if not isinstance(self.generation, int) or not isinstance(self.format, int):
            raise TypeError("its numbers must be numbers")
        if not _ID.fullmatch(self.run_id) or not _ID.fullmatch(self.experiment_id):
            raise ValueError("its ids are none")
