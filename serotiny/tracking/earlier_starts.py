"""The folders and journals that earlier starts of a run have left on this machine, and sending what is left in them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from serotiny.tracking import layout
from serotiny.tracking.mlflow.store import Store
from serotiny.tracking.mlflow.stored_run import parsed_config
from serotiny.tracking.outbox.delivery import Delivery
from serotiny.tracking.outbox.errors import JournalError
from serotiny.tracking.outbox.header import JournalHeader
from serotiny.tracking.outbox.journal import Journal
from serotiny.tracking.outbox.known_points import KnownPoints
from serotiny.tracking.outbox.sender import Sender
from serotiny.tracking.reservation.run_record import RunRecord
from serotiny.tracking.run_folder.aside import with_put_aside
from serotiny.tracking.run_folder.folder import belongs_to
from serotiny.tracking.run_folder.owner_file import RUNNING, owner_of

_LOG = logging.getLogger(__name__)

_MOST_FOLDERS = 100
"""Folders of earlier starts that are looked for."""
_MOST_PARTS = 64


def journals_of(run: RunRecord, root: Path) -> list[Journal]:
    """The journals of a run that are on this machine (or on a shared disk), the oldest first.

    The recorded paths are only hints: the project may have moved, and a folder may belong to another run now. The
    owner file and the journal's header in the folder decide.
    """
    found: dict[Path, Journal] = {}
    paths = [run.tags.get(layout.TAG_RUN_DIR, "")]
    seen: set[str] = set()
    while paths and len(seen) < _MOST_FOLDERS:
        path = paths.pop(0)
        # a server may name any path, and of a long one each part would be looked for
        if not path or path in seen or path.count("/") > _MOST_PARTS:
            continue
        seen.add(path)
        for journal, header in _found_by(Path(path), root, run.run_id):
            found[journal.folder] = journal
            paths += header.adopted
    return sorted(found.values(), key=lambda journal: journal.file.stat().st_mtime)


def portable_path(folder: Path, root: Path) -> str:
    """A run's folder as written in a journal's header: relative if it is in the project, which may be moved."""
    return str(folder.relative_to(root) if folder.is_relative_to(root) else folder)


def _found_by(path: Path, root: Path, run_id: str) -> list[tuple[Journal, JournalHeader]]:
    """The run's journals at a recorded path: first looked for below the project's current folder, then as written."""
    parts = path.parts[1:] if path.is_absolute() else path.parts
    candidates = [root.joinpath(*parts[start:]) for start in range(len(parts))]
    for candidate in [*candidates, path] if path.is_absolute() else candidates:
        found = [pair for folder in with_put_aside(candidate) for pair in _journals_in(folder, run_id)]
        if found:
            return found
    return []


def _journals_in(folder: Path, run_id: str) -> Iterator[tuple[Journal, JournalHeader]]:
    if not belongs_to(folder, run_id):
        return
    for journal in Journal.all_in(folder):
        try:
            header = journal.header()
        except JournalError as error:
            _LOG.warning("%s", error)
            continue
        if header.run_id == run_id:
            yield journal, header


def has_ended_here(run: RunRecord, journals: list[Journal]) -> bool:
    """Whether the run's last start has ended according to its folder, which knows it before the store does."""
    last = [journal for journal in journals if journal.header().generation == run.generation]
    owners = [owner_of(journal.folder.parent) for journal in last]
    return any(owner is not None and owner.status != RUNNING for owner in owners)


def config_before(
    run: RunRecord, journals: list[Journal], stored: Callable[[], Mapping[str, Any] | None]
) -> Mapping[str, Any] | None:
    """The config that a run was last trained with: stored, or waiting here for its upload.

    Args:
        run: as the store has it.
        journals: those of the run that lie here, the oldest first.
        stored: fetches the config from the store; None where it has none.

    Raises:
        TrackingError: it is there and cannot be read.
    """
    path = layout.config_path("train")
    kept = {journal: text for journal in journals if (text := journal.kept_text(path)) is not None}
    last = [journal for journal in kept if journal.header().generation == run.generation]
    config = None if last else stored()
    if config is not None or not kept:
        return config
    journal = (last or list(kept))[-1]
    return parsed_config(kept[journal], f"{path} in {journal.folder}")


def once_sent(run: RunRecord, journals: list[Journal]) -> tuple[RunRecord, str]:
    """The run as the store will have it once its journals are sent, and what is left of them, for the user.

    Args:
        run: as the store has it.
        journals: those of the run that lie here, the oldest first.

    Returns:
        The run, unchanged, and "" if nothing is left.
    """
    uploads: list[str] = []
    is_left = False
    for journal in journals:
        progress = journal.progress()
        uploads += progress.pending
        is_left |= bool(progress.pending) or progress.offset < journal.size()
        is_owner = journal.header().token in {"", run.tags.get(layout.TAG_TOKEN)}
        with suppress(JournalError):  # what comes before a damaged entry is sent
            for entry in journal.entries(progress.offset) if is_owner else ():
                if entry.kind == "tags":
                    tags = {**run.tags, **entry.data["values"]}
                    run = replace(run, tags={tag: value for tag, value in tags.items() if value})
                elif entry.kind == "end":
                    run = replace(run, status=entry.data["status"], end_ms=entry.data["time_ms"])
    return run, _what_was_left(uploads) if is_left else ""


def _what_was_left(uploads: list[str]) -> str:
    return "what an earlier start had not sent" + (f" ({', '.join(uploads)} among it)" if uploads else "")


def send_backlog(store: Store, run: RunRecord, journals: list[Journal]) -> tuple[str, ...]:
    """Send what earlier starts of an ended run have not sent. Returns notes for the user, a sentence each."""
    sink = store.sink(run.run_id)
    known = KnownPoints(sink)  # a later start may have repeated points that an earlier one had sent
    deliveries = [Delivery(journal, sink, known, confined=True) for journal in journals]
    waiting = [delivery for delivery in deliveries if delivery.left]
    if not waiting:
        return ()
    uploads = [path for delivery in waiting for path in delivery.left.uploads]
    sender = Sender(waiting, gather_s=0.05)
    sender.start()
    left = sender.drain(store.settings.drain_s)
    what = _what_was_left(uploads)
    if not left:
        return (f"sent {what}",)
    return tuple(f"{what} was not sent: {item}" for item in left)
