"""Start the journal, the sender and the heartbeat of a run that may be written to."""

from __future__ import annotations

import logging
from pathlib import Path

from serotiny.credentials.masking import mask_credentials
from serotiny.tracking import layout
from serotiny.tracking.mlflow.session import MlflowSession
from serotiny.tracking.mlflow.sink import MlflowSink
from serotiny.tracking.mlflow.store import Store
from serotiny.tracking.mlflow.stored_run import config_text
from serotiny.tracking.outbox.delivery import Delivery, KnownPoints
from serotiny.tracking.outbox.journal import Journal, JournalError, JournalHeader
from serotiny.tracking.outbox.sender import Sender
from serotiny.tracking.reservation.heartbeat import Heartbeat
from serotiny.tracking.reservation.owner import Owner
from serotiny.tracking.reservation.run_record import RunRecord
from serotiny.tracking.session import RunInfo, RunRequest

_LOG = logging.getLogger(__name__)


def start_session(
    store: Store,
    request: RunRequest,
    run: RunRecord,
    before: RunRecord | None,
    owner: Owner | None,
    notes: tuple[str, ...] = (),
) -> MlflowSession:
    """A session of `run`.

    `before` is the run as an earlier generation left it: its journal may lie on this machine, with points that
    never reached the store. `owner` is None for `test` and `predict`, which do not own the run.

    Raises:
        JournalError: the job's folder cannot be written.
    """
    journal = Journal.new(request.run_dir)
    earlier = _journals_of(before) if before else []
    info = RunInfo(
        run.run_id,
        run.name,
        experiment_id=run.experiment_id,
        experiment_name=store.settings.experiment_name,
        run_dir=request.run_dir.absolute(),
        generation=run.generation,
        tracking_uri=mask_credentials(store.uri),
        notes=notes,
    )
    journal.create(_header(info, owner, earlier))
    sink = MlflowSink(store.client, store.registry, store.uri, run.run_id)
    known = KnownPoints(sink) if owner is not None and before is not None else None
    carriers = [Delivery(old, sink, known) for old in earlier if owner]
    carriers.append(Delivery(journal, sink, known))
    heartbeat_s = store.settings.heartbeat_s
    heartbeat = (
        Heartbeat(store.registry, run.run_id, owner=owner, generation=run.generation, heartbeat_s=heartbeat_s)
        if owner
        else None
    )
    session = MlflowSession(
        info,
        run,
        client=store.client,
        journal=journal,
        sender=Sender(carriers),
        heartbeat=heartbeat,
        drain_s=store.settings.drain_s,
        earlier=tuple(earlier),
    )
    session.log_text(config_text(request.logged_config), layout.config_path(request.operation))
    if store.settings.tags:
        session.set_tags({key: str(value) for key, value in store.settings.tags.items()})
    return session


def _header(info: RunInfo, owner: Owner | None, earlier: list[Journal]) -> JournalHeader:
    folders = dict.fromkeys(str(old.folder.parent) for old in earlier)
    return JournalHeader(
        info.tracking_uri or "",
        info.experiment_id,
        run_id=info.run_id,
        run_name=info.run_name,
        generation=info.generation,
        token=owner.token if owner else "",
        adopted=tuple(folders),
    )


def _journals_of(run: RunRecord) -> list[Journal]:
    """The journals of earlier generations that lie on this machine (or on a shared disk), the oldest first."""
    found: list[Journal] = []
    folders = [run.tags.get(layout.TAG_RUN_DIR, "")]
    seen: set[str] = set()
    while folders:
        folder = folders.pop(0)
        if not folder or folder in seen:
            continue
        seen.add(folder)
        for journal in Journal.all_in(Path(folder)):
            try:
                header = journal.header()
            except JournalError as error:
                _LOG.warning("%s", error)
                continue
            if header.run_id == run.run_id:
                found.append(journal)
                folders += header.adopted
    return sorted(found, key=lambda journal: journal.file.stat().st_mtime)
