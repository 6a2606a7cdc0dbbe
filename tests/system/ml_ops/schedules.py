"""Random schedules of what happens to runs, and what they have to come to in spite of it.

Three runs share an experiment. They are started, killed, stopped, moved, started elsewhere and with other clocks,
limits and configs, while their store goes away and comes back. Afterwards each is called until it has finished: its
weights, optimiser, random states and metrics have to be those of a run that nobody disturbed, and each start on the
way has gone on, ended by its signal, or been refused with words that say why.

    python -m tests.system.ml_ops.schedules sqlite --first 0 --count 100 --at-once 2
    python -m tests.system.ml_ops.schedules http --first 0 --count 100
    python -m tests.system.ml_ops.schedules together --count 200

Processes are forked from one that has trained already, so that each begins with everything imported and warm; a store
of a schedule is never opened before a fork. Prints a line for each difference, and how many schedules had one.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import io
import itertools
import json
import multiprocessing
import os
import random
import shutil
import signal
import socket
import sqlite3
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import torch

TOY_JOBS = str(Path(__file__).parents[2] / "fakes" / "toy_jobs")
sys.path.insert(0, TOY_JOBS)

import run_toy  # type: ignore[import-not-found]  # noqa: E402  # found by the path above
import toy_job  # type: ignore[import-not-found]  # noqa: E402, F401  # once for all that are forked

from serotiny.compiler.plan.plan import Plan, identity_of  # noqa: E402
from serotiny.diagnostics import SerotinyError  # noqa: E402
from serotiny.launch.folder_claim import FolderClaim  # noqa: E402
from serotiny.ml_ops.checkpoints.file import read_checkpoint  # noqa: E402
from serotiny.ml_ops.run import run  # noqa: E402
from serotiny.tracking.session import RunRefusedError  # noqa: E402
from tests.fakes.toy_jobs.bits import differences, state_of  # noqa: E402
from tests.system.tracking.servers import MlflowServer, own_port  # noqa: E402

EPOCHS = 3
_NAMES = ("a", "b", "c")
_HEARTBEAT_S = 0.5
_ROUNDS = 12
_START_S = 1.5
# a folder is held for 60 s after the last sign of life of a process elsewhere
_HELD_S = 75.0
_LIMIT_S = 120.0
_REFUSALS = ("SER403", "SER405", "SER406", "SER409")
_CLEAR = (
    "interrupted by SIGTERM",
    "was taken over by another process or deleted",
    "cannot be reached",
    "is contended for",
)
_CONTEXT = multiprocessing.get_context("fork")
_NEW_PID_NAMESPACE = 0x20000000
_NO_KILL = run_toy.Kill()
_BY_SIGNAL = 200


@dataclass(frozen=True)
class Start:
    """One start of one run.

    Attributes:
        folder: `by time`, `own` or `shared`.
        limits: arguments of the trainer.
        kill: where the process is ended by a signal.
        after_s: when it is ended by `by`, if not at a place.
        stays: whether the schedule goes on while it runs.
        has_drifted: whether the config is another one.
        elsewhere: whether it runs on what looks like another host.
        clock_s: by how much its clock is wrong.
        drain_s: how long it waits in the end for what is still to be sent.
    """

    name: str
    folder: str
    limits: dict[str, Any]
    kill: run_toy.Kill = _NO_KILL
    after_s: float | None = None
    by: int = signal.SIGKILL
    stays: bool = False
    has_drifted: bool = False
    elsewhere: bool = False
    clock_s: float = 0.0
    drain_s: float = 10.0


@dataclass
class World:
    """What a schedule happens to."""

    root: Path
    uri: str
    experiment: str
    go_away: Callable[[float], None]
    heartbeat_s: float = _HEARTBEAT_S
    starts: int = 0
    # by a limit of steps or time: their epochs were logged then
    were_cut: set[str] = field(default_factory=set)
    running: list[tuple[Start, BaseProcess, Path]] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    @property
    def tracking_uri(self) -> str:
        """The address of the store; a sqlite one moves with the project."""
        return self.uri or f"sqlite:///{self.root}/mlflow.db"

    def move(self) -> None:
        """Rename the project while nothing runs."""
        self.settle()
        moved = self.root.with_name(f"{self.root.name}m")
        self.root.rename(moved)
        self.root = moved

    def start(self, start: Start) -> None:
        """Start, end it as the schedule says, and judge how it ended unless it is to stay."""
        self.starts += 1
        if not start.limits.keys() <= {"max_epochs"}:
            self.were_cut.add(start.name)
        output = self.root / f"output-{self.starts}"
        process = _CONTEXT.Process(target=_work, args=(self, start, output))
        process.start()
        if start.stays:
            self.running.append((start, process, output))
            return
        self._end(start, process, output)

    def _end(self, start: Start, process: BaseProcess, output: Path) -> int:
        if start.after_s is not None:
            process.join(start.after_s)
            _send(process, start.by, start.elsewhere)
        process.join(_LIMIT_S)
        if process.is_alive():
            _send(process, signal.SIGKILL, start.elsewhere)
            process.join()
            self.findings.append(f"{start} did not end")
        status = process.exitcode
        assert status is not None
        text = output.read_text() if output.exists() else ""
        if not _is_clear(start, status, text):
            self.findings.append(f"{start} ended with {status}: {text[-1500:]}")
        return status

    def settle(self) -> None:
        """Wait for everything that still runs."""
        for start, process, output in self.running:
            self._end(start, process, output)
        self.running.clear()

    def finish(self) -> None:
        """Call each run until it has finished."""
        self.settle()
        self.go_away(0.0)
        left = list(_NAMES)
        deadline = time.monotonic() + _HELD_S
        for attempt in itertools.count():
            for name in tuple(left):
                folder = ("shared", "own")[attempt % 2]
                self.starts += 1
                output = self.root / f"output-{self.starts}"
                start = Start(name, folder, {"max_epochs": EPOCHS}, drain_s=_LIMIT_S)
                process = _CONTEXT.Process(target=_work, args=(self, start, output))
                process.start()
                if self._end(start, process, output) == 0:
                    left.remove(name)
            if not left:
                return
            if attempt >= _ROUNDS and time.monotonic() > deadline:
                break
            time.sleep(4 * _HEARTBEAT_S)
        texts = [file.read_text()[-300:] for file in sorted(self.root.glob("output-*"))[-len(left) :]]
        self.findings.append(f"{left} cannot be finished: {texts}")


def _is_clear(start: Start, status: int, text: str) -> bool:
    """Whether the end is one of those that are promised."""
    if "Traceback" in text:
        return False
    if status == 0:
        return not start.has_drifted or "nothing is left" not in text
    if status < 0:
        was_sent = start.after_s is not None or start.kill != _NO_KILL
        return was_sent and -status in {signal.SIGKILL, signal.SIGTERM}
    return any(word in text for word in (*_REFUSALS, *_CLEAR))


def like(name: str) -> str:
    """The undisturbed run that one of this name is trained like: itself, or by the number that it begins with."""
    return name if name in _NAMES else _NAMES[int(name.partition("-")[0]) % len(_NAMES)]


def plan_of(world: World | None, start: Start) -> Plan:
    """The plan of a start; without a world, of a run that nobody disturbs."""
    model = {"_target_": "toy_job.ToyModel", "delay_s": 0.0}
    mlflow: dict[str, Any] = {"tracking_uri": None, "run_name": start.name}
    if world is not None:
        mlflow |= {
            "tracking_uri": world.tracking_uri,
            "experiment_name": world.experiment,
            "heartbeat_s": world.heartbeat_s,
            "drain_s": start.drain_s,
        }
    config = {
        "data": {"_target_": "toy_job.ToyData"},
        "model": model | ({"scheduler": "plateau"} if start.has_drifted else {}),
        "trainer": {
            "_target_": "pytorch_lightning.Trainer",
            "accelerator": "cpu",
            "log_every_n_steps": 1,
            "enable_progress_bar": False,
            **start.limits,
        },
        "mlflow": mlflow,
        "seed": 7 + _NAMES.index(like(start.name)),
    }
    return Plan(
        operation="train",
        config=config,
        logged_config=config,
        identity=identity_of(config),
        run_name=start.name,
        overrides=(),
        project_root=str(world.root if world is not None else Path.cwd()),
        package=None,
        trusted=("toy_job",),
        versions={},
    )


def _work(world: World, start: Start, output: Path) -> None:
    """The process of one start."""
    if start.elsewhere and ctypes.CDLL(None).unshare(_NEW_PID_NAMESPACE) == 0:
        # Two more processes: the first of a namespace is deaf to the signals that it sends itself.
        for _ in range(2):
            if child := os.fork():
                _end_like(child)
    if start.clock_s:
        now, now_ns = time.time, time.time_ns
        time.time = lambda: now() + start.clock_s
        time.time_ns = lambda: now_ns() + int(start.clock_s * 1e9)
    run_toy.redirect(output)
    run_toy.prepare(start.kill)
    status, text = run_once(world, start)
    print(text, flush=True)
    os._exit(status)


def _end_like(child: int) -> None:
    """End as a child process ends; what a signal has ended is told by the status, or by the same signal at the top."""
    _, ended = os.waitpid(child, 0)
    status = os.waitstatus_to_exitcode(ended)
    number = -status if status < 0 else status - _BY_SIGNAL
    if number > 0 and os.getppid() != 0:
        os.kill(os.getpid(), number)
    os._exit(_BY_SIGNAL + number if number > 0 else status)


def run_once(world: World, start: Start) -> tuple[int, str]:
    """Run as the command line does; its exit status, and what it says."""
    plan = plan_of(world, start)
    folder = {"by time": "outputs/12-00-00", "own": f"out-{start.name}", "shared": "out"}[start.folder]
    claim = FolderClaim([plan], is_sweep=False)
    try:
        result = run(plan, claim(world.root / folder, start.folder == "by time"))
    except RunRefusedError as refusal:
        return refusal.exit_status, str([(f.code, f.message, f.help) for f in refusal.diagnostics])
    except SerotinyError as error:
        return error.exit_status, str(error)
    except BaseException:
        return 70, traceback.format_exc()
    finally:
        claim.give_back()
    return 0, str(result.notes)


def _start_at_once(world: World, starts: Sequence[Start], gate: Any, answer: Path) -> None:
    """One of the processes that start runs: its own begin at the moment at which those of the others do."""
    processes = []
    for start in starts:
        file = answer / f"{start.name}.json"
        process = _CONTEXT.Process(target=_run_to_file, args=(world, start, gate, file))
        process.start()
        processes.append(process)
    for process in processes:
        process.join()


def _run_to_file(world: World, start: Start, gate: Any, answer: Path) -> None:
    run_toy.redirect(answer.with_suffix(".output"))
    gate.wait()
    begun = time.time()
    status, text = run_once(world, start)
    answer.write_text(json.dumps([status, text, begun]))


def _send(process: BaseProcess, number: int, elsewhere: bool) -> None:
    """Send a signal; what runs elsewhere is the child of a process of ours."""
    assert process.pid is not None
    pid = process.pid
    for _ in range(2 if elsewhere else 0):
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            pid = int(children[0]) if children else pid
    with contextlib.suppress(ProcessLookupError):
        if process.is_alive():
            os.kill(pid, number)


def random_start(draw: random.Random) -> Start:
    """Some start."""
    limits: list[dict[str, Any]] = [
        {"max_epochs": EPOCHS},
        {"max_epochs": draw.randint(1, EPOCHS)},
        {"max_epochs": EPOCHS, "max_steps": draw.randint(1, 20)},
        {"max_epochs": EPOCHS, "max_time": {"milliseconds": draw.randint(50, 400)}},
    ]
    place = f"{draw.randrange(EPOCHS)},{draw.randrange(7)}"
    by = draw.choice([signal.SIGKILL, signal.SIGTERM])
    how: dict[str, Any] = draw.choice(
        [
            {},
            {"kill": run_toy.Kill(at=place, by=by)},
            {"kill": run_toy.Kill(at=place, by=by)},
            {"kill": run_toy.Kill(in_write=draw.randint(1, 3))},
            {"kill": run_toy.Kill(in_upload=draw.randint(1, 3))},
            {"after_s": draw.uniform(0.0, _START_S), "by": by},
            {"after_s": draw.uniform(0.0, _START_S), "by": by},
        ]
    )
    return Start(
        name=draw.choice(_NAMES),
        folder=draw.choice(["by time", "own", "shared"]),
        limits=draw.choices(limits, [4, 1, 1, 1])[0],
        stays=draw.random() < 0.25,
        has_drifted=False,
        elsewhere=draw.random() < 0.1,
        clock_s=draw.choice([-3600.0, 3600.0]) if draw.random() < 0.1 else 0.0,
        **how,
    )


def play(world: World, draw: random.Random) -> None:
    """Let a random schedule happen."""
    begun: set[str] = set()
    for _step in range(draw.randint(3, 7)):
        event = draw.random()
        if event < 0.1:
            world.move()
        elif event < 0.2:
            world.go_away(draw.uniform(0.2, 2.0))
        elif event < 0.27 and begun:
            world.settle()
            world.start(
                Start(draw.choice(sorted(begun)), "by time", {"max_epochs": EPOCHS}, has_drifted=True)
            )
        else:
            start = random_start(draw)
            world.start(start)
            if not start.stays and _has_trained(world, start.name):
                begun.add(start.name)
    world.finish()


def _has_trained(world: World, name: str) -> bool:
    """Whether a journal says that the run has begun, and with which config."""
    for header in world.root.rglob("tracking*/run.json"):
        config = header.with_name("texts") / "config" / "train.yaml"
        if json.loads(header.read_text())["run_name"] == name and config.exists():
            return True
    return False


def compare(world: World, names: Sequence[str], references: Path, answer: Path) -> None:
    """What of each run is not as if nobody had disturbed it; in a process of its own."""
    from serotiny.tracking.mlflow.stored_run import StoredRun

    found: list[str] = []
    for name in names:
        whole = torch.load(references / like(name), weights_only=False)
        with tempfile.TemporaryDirectory() as folder:
            try:
                stored = StoredRun.open(world.tracking_uri, _run_id(world, name))
                file = stored.checkpoint("last", Path(folder))
                state, checkpoint_owner = state_of(file), read_checkpoint(file)["serotiny"]["run"]["id"]
            except SerotinyError as error:
                found.append(f"{name}: {error}")
                continue
        if stored.record.status != "FINISHED":
            found.append(f"{name} is {stored.record.status}")
        found += [f"{name}{place}" for place in differences(whole["state"], state)]
        if (stored.config()["mlflow"]["run_name"], checkpoint_owner) != (name, stored.record.run_id):
            found.append(f"{name} has the config or the checkpoint of another run")
        client = stored.client
        for key, points in whole["history"].items():
            got = sorted((p.step, p.value) for p in client.get_metric_history(stored.record.run_id, key))
            missing = [point for point in points if point not in got]
            twice = [point for point in set(got) if got.count(point) > 1]
            more = [] if name in world.were_cut else [point for point in got if point not in points]
            if missing or twice or more:
                found.append(f"{name} {key}: missing {missing}, twice {twice}, more {more}")
    answer.write_text(json.dumps(found))


def _run_id(world: World, name: str) -> str:
    from serotiny.schemas.mlflow import MlflowConfig
    from serotiny.tracking.maintenance import list_runs

    settings = MlflowConfig(tracking_uri=world.tracking_uri, experiment_name=world.experiment)
    runs = [summary.run_id for summary in list_runs(settings, world.root) if summary.name == name]
    if len(runs) != 1:
        raise SerotinyError(f"{len(runs)} runs are called {name}")
    return runs[0]


def make_references(folder: Path) -> None:
    """The runs that nobody disturbs, as files."""
    folder.mkdir(parents=True)
    for name in _NAMES:
        run_dir = folder / f"run-{name}"
        with contextlib.redirect_stdout(io.StringIO()):
            run(plan_of(None, Start(name, "own", {"max_epochs": EPOCHS})), run_dir)
        history: dict[str, set[tuple[int, float]]] = {}
        for line in (run_dir / "metrics.jsonl").read_text().splitlines():
            entry = json.loads(line)
            for key, value in entry["values"].items():
                history.setdefault(key, set()).add((entry["step"], value))
        found = {key: sorted(points) for key, points in history.items()}
        torch.save(
            {"state": state_of(run_dir / "checkpoints" / "last.ckpt"), "history": found}, folder / name
        )


def make_template(folder: Path) -> None:
    """A sqlite store with its tables, to be copied."""
    with contextlib.redirect_stdout(io.StringIO()):
        run(
            plan_of(World(folder, "", "warm-up", lambda _: None), Start("a", "own", {"max_epochs": 1})),
            folder / "warm-up",
        )
    shutil.copy(folder / "mlflow.db", folder / "template.db")


def in_process(limit_s: float, work: Callable[..., None], *arguments: Any) -> None:
    """Do it in a forked process, so that this one stays without connections and threads."""
    process = _CONTEXT.Process(target=work, args=arguments)
    process.start()
    process.join(limit_s)
    if process.exitcode != 0:
        process.kill()
        raise RuntimeError(f"{work.__name__} ended with {process.exitcode}")


class Door:
    """A port in front of a server that can be shut: then nobody listens there."""

    def __init__(self, to_port: int) -> None:
        self.port = own_port()
        self.to_port = to_port
        self._process: BaseProcess | None = None

    def open(self) -> None:
        if self._process is None:
            self._process = _CONTEXT.Process(target=self._serve, daemon=True)
            self._process.start()
            while self._process.is_alive():
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                    return
                time.sleep(0.01)

    def shut(self) -> None:
        """Everything that goes through is cut off."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None

    def _serve(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", self.to_port))
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


class LockedFile:
    """Lets a process hold the write lock of a sqlite store for a while."""

    def __init__(self, world: Callable[[], World]) -> None:
        self._world = world
        self._process: BaseProcess | None = None

    def __call__(self, seconds: float) -> None:
        if self._process is not None:
            self._process.join()
        file = self._world().root / "mlflow.db"
        self._process = _CONTEXT.Process(target=_lock, args=(file, seconds))
        self._process.start()


def _lock(file: Path, seconds: float) -> None:
    with contextlib.suppress(sqlite3.OperationalError):
        database = sqlite3.connect(file, timeout=5)
        database.execute("BEGIN EXCLUSIVE")
        time.sleep(seconds)
        database.rollback()


@dataclass(frozen=True)
class Playground:
    """Where schedules are played: what undisturbed runs leave, and a store."""

    folder: Path
    door: Door | None = None

    def play(self, seed: int) -> list[str]:
        """The findings of one schedule."""
        root = self.folder / f"schedule-{seed}"
        root.mkdir()
        if self.door is None:
            shutil.copy(self.folder / "template.db", root / "mlflow.db")
            uri = ""
        else:
            uri = f"http://127.0.0.1:{self.door.port}"
        world = World(root, uri, f"schedule {seed}", go_away=self._go_away)
        if self.door is None:
            world.go_away = LockedFile(lambda: world)
        else:
            self.door.open()
        play(world, random.Random(seed))
        world.findings += self.differences(world, _NAMES)
        if not world.findings:
            shutil.rmtree(world.root)
        return world.findings

    def differences(self, world: World, names: Sequence[str]) -> list[str]:
        """What of these runs is not as it should be."""
        answer = self.folder / f"answer {world.experiment}"
        try:
            limit_s = _LIMIT_S * max(1.0, len(names) / 10)
            in_process(limit_s, compare, world, names, self.folder / "references", answer)
        except RuntimeError as error:
            return [str(error)]
        found: list[str] = json.loads(answer.read_text())
        return found

    def start_together(self, processes: int, runs: int) -> list[str]:
        """Runs of different names at once, half of them in one folder, the others in one named by the second.

        Those that are refused do then what the refusal says.
        """
        world = World(self.folder, "", "together", lambda _: None, heartbeat_s=30.0)
        names = [f"{number}-{count}" for number in range(processes) for count in range(runs)]
        limits, patience_s = {"max_epochs": EPOCHS}, 10 * _LIMIT_S
        starts = [
            Start(name, ("by time", "shared")[at % 2], limits, drain_s=patience_s)
            for at, name in enumerate(names)
        ]
        first = self._ended(world, starts, processes)
        refused = {name: text for name, (status, text) in first.items() if status != 0}
        helpless = [
            f"{name}: {text}"
            for name, text in refused.items()
            if not ("in use by" in text and "hydra.run.dir=" in text)
        ]
        again = self._ended(
            world, [Start(name, "own", limits, drain_s=patience_s) for name in refused], processes
        )
        failed = [f"{name}: {text}" for name, (status, text) in again.items() if status != 0]
        print(f"{len(first) - len(refused)} of {len(first)} finished, {len(refused)} were refused, ", end="")
        print(f"{len(again) - len(failed)} of them finished in a folder of their own", flush=True)
        missing = [] if first.keys() == set(names) else ["not all runs were started"]
        return missing + helpless + failed + self.differences(world, names)

    def _ended(self, world: World, starts: Sequence[Start], processes: int) -> dict[str, tuple[int, str]]:
        """How each run ended, by its name, when so many processes start them all at once."""
        answer = Path(tempfile.mkdtemp(dir=self.folder))
        gate = _CONTEXT.Barrier(len(starts)) if starts else None
        workers = [
            _CONTEXT.Process(target=_start_at_once, args=(world, starts[number::processes], gate, answer))
            for number in range(processes)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        ended = {file.stem: json.loads(file.read_text()) for file in answer.glob("*.json")}
        begun = [begun for _, _, begun in ended.values()]
        if begun:
            print(f"{len(begun)} runs began within {max(begun) - min(begun):.2f} s", flush=True)
        return {name: (status, text) for name, (status, text, _) in ended.items()}

    def _go_away(self, seconds: float) -> None:
        assert self.door is not None
        if not seconds:
            self.door.open()
            return
        self.door.shut()
        if seconds < 1:  # the others last until the next time, or the end
            time.sleep(seconds)
            self.door.open()


@contextlib.contextmanager
def playground(folder: Path, is_http: bool) -> Iterator[Playground]:
    """A place for schedules over sqlite, or over a server behind a door."""
    make_references(folder / "references")
    make_template(folder)
    gc.collect()
    gc.freeze()  # a collection in a fork would copy all of this process: four fifths of what a start took
    if not is_http:
        yield Playground(folder)
        return
    server = MlflowServer(folder / "server", f"sqlite:///{folder}/server/mlflow.db", workers=2)
    server.start(wait_s=5 * _LIMIT_S)
    door = Door(server.port)
    try:
        yield Playground(folder, door)
    finally:
        door.shut()
        server.kill()


def _play_some(ground: Playground, seeds: Sequence[int], answer: Path) -> None:
    """Play these schedules, and tell each difference at once."""
    if ground.door is not None:
        ground = Playground(ground.folder, Door(ground.door.to_port))
    for seed in seeds:
        findings = ground.play(seed)
        for finding in findings:
            print(f"{seed}: {finding}", flush=True)
        with answer.open("a") as file:
            file.write(f"{seed} {len(findings)}\n")
    if ground.door is not None:
        ground.door.shut()


def play_all(ground: Playground, seeds: Sequence[int], at_once: int) -> None:
    """Play schedules, some at once since most of their time they wait; each has its folder or its experiment."""
    answer = ground.folder / "played"
    answer.touch()
    workers = [
        _CONTEXT.Process(target=_play_some, args=(ground, seeds[number::at_once], answer))
        for number in range(at_once)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    played = [line.split() for line in answer.read_text().splitlines()]
    different = sum(count != "0" for _, count in played)
    print(f"{len(played)} schedules, {different} with a difference; {ground.folder}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("store", choices=("sqlite", "http", "together"))
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--at-once", type=int, default=1)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="serotiny-schedules-"))
    with playground(folder, asked.store == "http") as ground:
        if asked.store == "together":
            print(ground.start_together(processes=8, runs=asked.count // 8), folder)
        else:
            play_all(ground, range(asked.first, asked.first + asked.count), asked.at_once)


if __name__ == "__main__":
    main()
