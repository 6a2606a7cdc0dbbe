"""Start the journal, the sender and the heartbeat of a run that this process owns or adds to."""

from __future__ import annotations

from pathlib import Path

from serotiny.credentials.masking import mask_credentials
from serotiny.tracking import layout
from serotiny.tracking.earlier_starts import journals_of, portable_path
from serotiny.tracking.mlflow.session import MlflowSession
from serotiny.tracking.mlflow.store import Store
from serotiny.tracking.mlflow.stored_run import config_text
from serotiny.tracking.outbox.delivery import Delivery
from serotiny.tracking.outbox.header import JournalHeader
from serotiny.tracking.outbox.journal import Journal
from serotiny.tracking.outbox.known_points import KnownPoints
from serotiny.tracking.outbox.sender import Sender
from serotiny.tracking.outbox.sink import RunSink
from serotiny.tracking.reservation.heartbeat import Heartbeat
from serotiny.tracking.reservation.owner import Owner
from serotiny.tracking.reservation.resumption import GoOn
from serotiny.tracking.reservation.run_record import RunRecord
from serotiny.tracking.run_folder.folder import RunFolder
from serotiny.tracking.session import RunInfo, RunRequest


def start_session(
    store: Store,
    request: RunRequest,
    run: RunRecord,
    folder: RunFolder,
    before: RunRecord | None,
    owner: Owner | None,
    how: GoOn = GoOn(),  # noqa: B008  # frozen
) -> MlflowSession:
    """Start a session of `run`.

    `before` is the run as its earlier start left it, whose journal may be on this machine with points that were
    never sent. `owner` is None for `test` and `predict`, which do not own the run.

    Raises:
        JournalError: the job's folder cannot be written.
        TrackingError: the store cannot be reached.
    """
    folder.hold(run.run_id, run.name)
    journal = Journal.new(request.run_dir)
    earlier = journals_of(before, request.project_root) if before else []
    info = RunInfo(
        run_id=run.run_id,
        run_name=run.name,
        experiment_id=run.experiment_id,
        experiment_name=store.settings.experiment_name,
        run_dir=request.run_dir.absolute(),
        generation=run.generation,
        tracking_uri=mask_credentials(store.uri),
        notes=how.notes,
        has_drifted=how.has_drifted,
    )
    journal.create(_header(info, owner, earlier, request.project_root))
    if owner is not None:
        # Only after the journal exists, which records the earlier folders: this tag was their only record.
        store.registry.set_tags(run.run_id, {layout.TAG_RUN_DIR: str(info.run_dir)})
    sink = store.sink(run.run_id)
    known = _known_points(sink, before, earlier, is_owner=owner is not None) if before else None
    carriers = [Delivery(old, sink, known, adopted_by=owner.token) for old in earlier if owner]
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
        artifacts=store.artifacts(run.run_id),
        folder=folder,
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


def _known_points(sink: RunSink, before: RunRecord, earlier: list[Journal], *, is_owner: bool) -> KnownPoints:
    if not is_owner:
        return KnownPoints(sink)  # other tests of the run have left journals whose folders are not recorded
    generations = {old.header().generation for old in earlier}
    # counted, since the store may say that there were any number of starts
    known = sum(1 <= generation <= before.generation for generation in generations)
    return KnownPoints(sink, earlier, are_all=known == before.generation)


def _header(info: RunInfo, owner: Owner | None, earlier: list[Journal], root: Path) -> JournalHeader:
    folders = dict.fromkeys(portable_path(old.folder.parent, root) for old in earlier)
    return JournalHeader(
        tracking_uri=info.tracking_uri or "",
        experiment_id=info.experiment_id,
        run_id=info.run_id,
        run_name=info.run_name,
        generation=info.generation,
        token=owner.token if owner else "",
        adopted=tuple(folders),
    )
