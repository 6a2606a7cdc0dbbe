"""Read the contents of a run from MLflow."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from serotiny.tracking import layout
from serotiny.tracking.checkpoint_record import recorded_checkpoints
from serotiny.tracking.clock import now_ms
from serotiny.tracking.contents import LARGEST_SHOWN, SHOWN_TEXTS, RunContents, histories
from serotiny.tracking.errors import TooLargeError, TrackingError, TransientTrackingError
from serotiny.tracking.folder_contents import shown_content
from serotiny.tracking.mlflow.retries import retried
from serotiny.tracking.mlflow.sink import metric_history
from serotiny.tracking.mlflow.stored_run import StoredRun

_MOST_FILES = 200
_LARGEST_TOGETHER = 100_000_000
"""In bytes: a page holds all that it shows."""


def stored_contents(run: StoredRun, tracking_uri: str) -> RunContents:
    """The contents of a run in the store.

    Raises:
        TrackingError: the store cannot be reached, or an artifact cannot be fetched.
    """
    client, record = run.client, run.record
    ask = partial(retried, client.tracking_uri)
    stored = ask(lambda: client.get_run(record.run_id))
    experiment = ask(lambda: client.get_experiment(record.experiment_id))

    def points() -> Iterator[tuple[str, int, float]]:
        for key in stored.data.metrics:
            for point in ask(partial(metric_history, client, record.run_id, key)):
                yield key, point.step, point.value

    with tempfile.TemporaryDirectory(prefix="serotiny-report-") as temporary:
        fetched = _fetched(run, Path(temporary))
        contents = {path: shown_content(file, Path(temporary)) for path, file in fetched.items()}
    whole = {path: content for path, content in contents.items() if content is not None}
    texts = {
        path: content.decode("utf-8", "replace") for path, content in whole.items() if path in SHOWN_TEXTS
    }
    pictures = {
        Path(path).stem: content
        for path, content in whole.items()
        if path.startswith(f"{layout.PICTURES_FOLDER}/")
    }
    return RunContents(
        run_id=record.run_id,
        run_name=record.name,
        experiment_name=experiment.name,
        tracking_uri=tracking_uri,
        status=record.status,
        start_ms=record.start_ms,
        end_ms=record.end_ms,
        tags=record.tags,
        metrics=histories(points()),
        texts=texts,
        pictures=pictures,
        has_checkpoint=bool(recorded_checkpoints(record.tags)),
        is_abandoned=record.status == "RUNNING" and record.is_abandoned(now_ms()),
    )


def _fetched(run: StoredRun, folder: Path) -> dict[str, Path]:
    """Local copies of the artifacts that a report shows, by their paths, as far as they are not too large or too many."""
    there: list[str] = []
    for below in (layout.CONFIG_FOLDER, layout.SOURCE_FOLDER, layout.LOG_FOLDER, layout.PICTURES_FOLDER):
        with _telling(f"the folder {below}", run):
            there += sorted(run.artifacts.paths(below))
    wanted = [
        path
        for path in there
        if path in SHOWN_TEXTS or (path.startswith(f"{layout.PICTURES_FOLDER}/") and path.endswith(".png"))
    ]
    fetched = {}
    room = _LARGEST_TOGETHER
    for path in wanted[:_MOST_FILES]:
        with suppress(TooLargeError), _telling(path, run):
            fetched[path] = run.artifacts.fetch(path, folder, min(LARGEST_SHOWN, room))
            room -= fetched[path].stat().st_size
    return fetched


@contextmanager
def _telling(artifact: str, run: StoredRun) -> Iterator[None]:
    """A context for what asks for an artifact, which tells whose it is and what can be done about it.

    Raises:
        TrackingError: it cannot be fetched.
    """
    try:
        yield
    except (TransientTrackingError, TooLargeError):
        raise
    except Exception as error:  # every artifact store raises errors of its own
        raise TrackingError(
            f"{artifact} of run `{run.record.name}` cannot be fetched: {error}; see in the store what lies there"
        ) from None
