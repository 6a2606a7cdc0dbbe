"""An MLflow that lives in a dictionary: the roles of `serotiny.tracking`, with faults on demand."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from typing_extensions import override

from serotiny.tracking.errors import ClaimLostError, TrackingError, TransientTrackingError
from serotiny.tracking.outbox.sink import Point, RunSink
from serotiny.tracking.reservation.registry import RunRegistry
from serotiny.tracking.reservation.run_record import RunRecord


def _nothing(_call: str) -> None:
    return None


@dataclass
class FakeRegistry(RunRegistry):
    """`before_call` is called with the method's name before anything happens: a rival may act there."""

    runs: dict[str, RunRecord] = field(default_factory=dict)
    before_call: Callable[[str], None] = _nothing
    clock_ms: Callable[[], int] = lambda: 1_000
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @override
    def search(self, name: str) -> list[RunRecord]:
        self.before_call("search")
        return sorted((r for r in self.runs.values() if r.name == name), key=lambda record: record.order)

    @override
    def get(self, run_id: str) -> RunRecord | None:
        self.before_call("get")
        return self.runs.get(run_id)

    @override
    def was_deleted(self, run_id: str) -> bool:
        return run_id not in self.runs

    @override
    def create(self, name: str, tags: Mapping[str, str]) -> RunRecord:
        self.before_call("create")
        run_id = f"run{next(self._numbers)}"
        self.runs[run_id] = RunRecord(
            run_id=run_id, name=name, status="RUNNING", start_ms=self.clock_ms(), tags=dict(tags)
        )
        return self.runs[run_id]

    @override
    def set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        self.before_call("set_tags")
        if run_id not in self.runs:
            raise ClaimLostError(f"{run_id} is gone")
        self.runs[run_id] = replace(self.runs[run_id], tags={**self.runs[run_id].tags, **tags})

    @override
    def set_status(self, run_id: str, status: str, end_ms: int | None = None) -> None:
        self.before_call("set_status")
        self.runs[run_id] = replace(self.runs[run_id], status=status, end_ms=end_ms)

    @override
    def delete(self, run_id: str) -> None:
        self.before_call("delete")
        self.runs.pop(run_id, None)


@dataclass
class FakeSink(RunSink):
    """A run that can be away (`is_away`) or refuse points of some names and uploads of some files."""

    points: list[Point] = field(default_factory=list)
    stored_params: dict[str, str] = field(default_factory=dict)
    stored_tags: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    data_sets: set[tuple[str, str, str]] = field(default_factory=set)
    order: list[str] = field(default_factory=list)
    histories: list[str] = field(default_factory=list)
    ended: tuple[str, int] | None = None
    token: str = "ours"
    is_away: bool = False
    refused_keys: frozenset[str] = frozenset()
    refused_files: frozenset[str] = frozenset()
    requests: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def _ask(self, what: str) -> None:
        self.requests += 1
        if self.is_away:
            raise TransientTrackingError("connection refused")
        self.order.append(what)

    @override
    def log_points(self, points: Sequence[Point]) -> None:
        self._ask("points")
        if refused := self.refused_keys & {point.key for point in points}:
            raise TrackingError(f"invalid metric names {sorted(refused)}")
        with self.lock:
            self.points += [point for point in points if point not in self.points]

    @override
    def log_params(self, params: Mapping[str, str]) -> None:
        self._ask("params")
        if any(self.stored_params.get(key, value) != value for key, value in params.items()):
            raise TrackingError("changing param values is not allowed")
        self.stored_params |= params

    @override
    def params(self) -> Mapping[str, str]:
        self._ask("read params")
        return dict(self.stored_params)

    @override
    def set_tags(self, tags: Mapping[str, str]) -> None:
        self._ask("tags")
        self.stored_tags |= tags

    @override
    def log_data_set(self, name: str, digest: str, source: str) -> None:
        self._ask("data set")
        self.data_sets.add((name, digest, source))

    @override
    def tags(self) -> Mapping[str, str]:
        return {"serotiny.token": self.token, **self.stored_tags}

    @override
    def upload(self, file: Path, artifact_dir: str) -> None:
        self._ask(f"upload {file.name}")
        if file.name in self.refused_files:
            raise TrackingError("403 forbidden")
        self.uploads[f"{artifact_dir}/{file.name}".lstrip("/")] = file.read_bytes()

    @override
    def end(self, status: str, end_ms: int) -> None:
        self._ask("end")
        self.ended = (status, end_ms)

    @override
    def last_steps(self) -> Mapping[str, int]:
        self._ask("last steps")
        return {point.key: point.step for point in sorted(self.points, key=lambda point: point.step)}

    @override
    def history(self, key: str, since: int | None = None) -> list[Point]:
        self._ask("history")
        self.histories.append(f"{key} from {since}")
        return [point for point in self.points if point.key == key and (since is None or point.step >= since)]

    @override
    def close(self) -> None:
        self.order.append("close")
