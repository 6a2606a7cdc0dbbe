"""Read the contents of a run from its journals: everything recorded on this machine, sent or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from serotiny.tracking.contents import SHOWN_TEXTS
from serotiny.tracking.folder_contents import pictures_in
from serotiny.tracking.outbox.journal import Journal


def journal_points(journals: Sequence[Journal]) -> Iterator[tuple[str, int, float]]:
    """The metric points in the journals, the oldest first."""
    for journal in journals:
        if not journal.file.exists():
            continue
        for entry in journal.entries(0):
            if entry.kind == "metrics":
                for name, value in entry.data["values"].items():
                    yield name, entry.data["step"], value


def journal_tags(tags: Mapping[str, str], journal: Journal) -> dict[str, str]:
    """The tags that a run has once everything in a journal has been sent."""
    found = dict(tags)
    for entry in journal.entries(0):
        if entry.kind == "tags":
            found |= entry.data["values"]
    return {key: value for key, value in found.items() if value}


def has_checkpoint(journals: Sequence[Journal]) -> bool:
    """Whether a checkpoint is recorded in the journals."""
    return any(
        "checkpoint" in entry.data
        for journal in journals
        if journal.file.exists()
        for entry in journal.entries(0)
        if entry.kind == "upload"
    )


def journal_texts(journals: Sequence[Journal]) -> dict[str, str]:
    """The texts that a report shows, each from the newest start that has it."""
    kept = [(path, journal.kept_text(path)) for journal in journals for path in SHOWN_TEXTS]
    return {path: text for path, text in kept if text is not None}


def journal_pictures(journals: Sequence[Journal]) -> dict[str, bytes]:
    """The pictures in the folders of a run's starts, the newest one of each name."""
    return {name: png for journal in journals for name, png in pictures_in(journal.folder.parent).items()}
