"""A server that goes away at whatever request of a command: it is told plainly, with what to do."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking import Finished, Refusal, RunRequest, RunSession, layout, open_run
from serotiny.tracking.clock import now_ms
from serotiny.tracking.errors import TrackingError
from serotiny.tracking.lookup import look_up
from serotiny.tracking.maintenance import list_runs, plan_clean
from serotiny.tracking.mlflow.contents import stored_contents
from serotiny.tracking.mlflow.store import open_store
from serotiny.tracking.mlflow.stored_run import StoredRun
from serotiny.tracking.session import AskedRun
from serotiny.tracking.sweep_run import open_sweep_run

from .lying_proxy import gone, lying_proxy, truth

_EXPERIMENT = "gone"
_FINISHED = "finished before its server went away"
"""A name that is looked up in all experiments of the store, which other tests use too."""
_AT_ONCE = 12
_MOST = 4 * _AT_ONCE
"""More requests than any of the commands makes."""
_RAW = ("HTTPConnectionPool", "Max retries", "API request", "Traceback")


@pytest.fixture
def _few_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets MLflow's client ask once, since ours repeats the request: the tests would take minutes."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")


@pytest.fixture(scope="module")
def _runs(http_sqlite: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A finished run with a checkpoint, and copies of it that have failed, for each start to resume one."""
    root = tmp_path_factory.mktemp("before")
    place = Place(root, http_sqlite, drain_s=60)
    session = place.open("train", _FINISHED)
    checkpoint = root / "job" / "last.ckpt"
    with zipfile.ZipFile(checkpoint, "w") as archive:
        archive.writestr("weights", "1")
    session.log_metrics({"loss": 1.0}, 1)
    session.upload_checkpoint(checkpoint, step=1)
    assert () == session.close("FINISHED").left

    store = open_store(place.settings, root)
    finished = StoredRun.open(http_sqlite, _FINISHED)
    config = finished.artifacts.fetch(layout.config_path("train"), root, 10_000_000)
    tags = {tag: value for tag, value in finished.record.tags.items() if not tag.startswith("mlflow.")}
    for number in range(_MOST):
        run = store.registry.create(f"failed {number}", tags)
        store.artifacts(run.run_id).put(checkpoint, layout.CHECKPOINT_FOLDER)
        store.artifacts(run.run_id).put(config, layout.CONFIG_FOLDER)
        store.registry.set_status(run.run_id, "FAILED", now_ms())


@dataclass(frozen=True)
class Place:
    """A folder, and a store by the address of a server that goes away."""

    root: Path
    uri: str
    drain_s: float = 0.1

    @property
    def settings(self) -> MlflowConfig:
        return MlflowConfig(tracking_uri=self.uri, experiment_name=_EXPERIMENT, drain_s=self.drain_s)

    def open(self, operation: str, name: str) -> RunSession:
        request = RunRequest(
            operation=operation,
            run_name=name,
            logged_config={"trainer": {"max_epochs": 2}},
            identity=f"another one than that of {name}",
            run_dir=self.root / "job",
            project_root=self.root,
        )
        opened = open_run(self.settings, request)
        assert not isinstance(opened, Refusal | Finished), opened
        return opened

    def uses(self, operation: str, name: str) -> None:
        """Opens a run, and fetches its checkpoint, which is nowhere on this machine."""
        session = self.open(operation, name)
        try:
            for source in session.checkpoints():
                assert session.fetch(source, self.root / "job" / "checkpoints") is not None
        finally:
            left = session.close("KILLED").left
            assert [] == [line for line in left if any(word in line for word in _RAW)]


def _starts(place: Place) -> None:
    place.uses("train", f"started at {place.uri}")


def _resumes(place: Place) -> None:
    place.uses("train", f"failed {place.root.name}")


def _tests(place: Place) -> None:
    place.uses("test", _FINISHED)


def _lists(place: Place) -> None:
    assert list_runs(place.settings, place.root)


def _cleans(place: Place) -> None:
    plan_clean(place.settings, place.root).apply()


def _looks_up(place: Place) -> None:
    asked = AskedRun(
        operation="train",
        run_name="failed 0",
        logged_config={"other": 1},
        identity="another",
        project_root=place.root,
    )
    assert look_up(place.settings, [asked], place.root)


def _loads(place: Place) -> None:
    run = StoredRun.open(place.uri, _FINISHED)
    assert run.config()
    assert run.checkpoint("last", place.root / "got").is_file()


def _reports(place: Place) -> None:
    assert stored_contents(StoredRun.open(place.uri, _FINISHED), place.uri)


def _sweeps(place: Place) -> None:
    table = place.root / "table.csv"
    table.write_text("a\n")
    open_sweep_run(place.settings, [place.uri], place.root, "command").close("FINISHED", [table])


@pytest.mark.usefixtures("_few_retries", "_runs")
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "command",
    [_starts, _resumes, _tests, _lists, _cleans, _looks_up, _loads, _reports, _sweeps],
    ids=lambda command: command.__name__.strip("_"),
)
def test_server_that_goes_away_at_any_request_is_told_plainly(
    command: Callable[[Place], None], http_sqlite: str, tmp_path: Path
) -> None:
    """The address, the reason in a few words and what to do, whichever request of the command fails; MLflow's own not."""

    def told(requests: int) -> str | None:
        """What the command says when only so many of its requests are answered; None if it needs no more."""
        root = tmp_path / str(requests)
        root.mkdir()
        with lying_proxy(http_sqlite, [truth] * requests + [gone] * 10_000) as uri:
            try:
                command(Place(root, uri))
            except TrackingError as error:
                return str(error)
        return None

    said: list[str] = []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for start in range(0, _MOST, _AT_ONCE):
            texts = list(pool.map(told, range(start, start + _AT_ONCE)))
            said += [text for text in texts if text is not None]
            if None in texts:
                break

    assert None in texts
    assert said
    assert [] == [text for text in said if any(word in text for word in _RAW)]
    assert [] == [text for text in said if "cannot be reached: " not in text or "mlflow server" not in text]
