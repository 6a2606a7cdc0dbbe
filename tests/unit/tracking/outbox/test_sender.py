"""The journal and its sender, against a store in memory."""

from __future__ import annotations

import json
import math
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from serotiny.tracking.errors import RunGoneError, TransientTrackingError
from serotiny.tracking.outbox.delivery import Delivery
from serotiny.tracking.outbox.errors import JournalError
from serotiny.tracking.outbox.header import JournalHeader
from serotiny.tracking.outbox.journal import Journal
from serotiny.tracking.outbox.known_points import KnownPoints
from serotiny.tracking.outbox.progress import Progress
from serotiny.tracking.outbox.sender import Sender
from serotiny.tracking.outbox.sink import MAX_POINTS, Point
from serotiny.tracking.run_folder.folder import RunFolder
from serotiny.tracking.run_folder.owner_file import Occupant
from tests.fakes.tracking import FakeSink


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return new_journal(tmp_path / "run")


def new_journal(run_dir: Path, token: str = "ours") -> Journal:
    journal = Journal.new(run_dir)
    journal.create(
        JournalHeader(
            tracking_uri="http://store", experiment_id="1", run_id="run1", run_name="a run", token=token
        )
    )
    return journal


def log(journal: Journal, step: int, **values: float) -> None:
    journal.append("metrics", {"step": step, "time_ms": 1000 + step, "values": values})


def carry_all(carrier: Delivery) -> None:
    while carrier.carry():
        pass
    for target, data in carrier.uploads():
        carrier.upload(target, data)


def test_points_arrive_in_full_batches(journal: Journal) -> None:
    """Many small entries go in few requests, each within MLflow's limit, and all arrive."""
    sink = FakeSink()
    for step in range(2 * MAX_POINTS):
        log(journal, step, loss=float(step))

    carry_all(Delivery(journal, sink))

    assert [Point("loss", float(step), 1000 + step, step) for step in range(2 * MAX_POINTS)] == sink.points
    assert 2 == sink.requests


def test_one_entry_beyond_the_limit_is_split(journal: Journal) -> None:
    """A step with more metrics than one request may hold arrives whole."""
    sink = FakeSink()
    log(journal, 0, **{f"m{number}": 1.0 for number in range(MAX_POINTS + 1)})

    carry_all(Delivery(journal, sink))

    assert MAX_POINTS + 1 == len(sink.points)


def test_store_that_was_away_gets_everything_once(journal: Journal) -> None:
    """Nothing is lost while the store is away, and nothing is there twice afterwards."""
    sink = FakeSink(is_away=True)
    carrier = Delivery(journal, sink)
    log(journal, 0, loss=1.0)
    with pytest.raises(TransientTrackingError):
        carrier.carry()

    sink.is_away = False
    log(journal, 1, loss=0.5)
    carry_all(carrier)

    assert [Point("loss", 1.0, 1000, 0), Point("loss", 0.5, 1001, 1)] == sink.points
    assert not carrier.left


def test_progress_lost_in_a_crash_does_no_harm(journal: Journal) -> None:
    """A journal whose progress file is gone is sent again, and each point is there once."""
    sink = FakeSink()
    log(journal, 0, loss=1.0)
    carry_all(Delivery(journal, sink))
    (journal.folder / "sent.json").unlink()

    carry_all(Delivery(journal, sink))

    assert [Point("loss", 1.0, 1000, 0)] == sink.points


def test_line_torn_by_a_kill_is_left_out(tmp_path: Path) -> None:
    """A last line without its end is not read, and is cut when the journal is gone on with."""
    journal = new_journal(tmp_path / "run")
    log(journal, 0, loss=1.0)
    journal.close()
    with journal.file.open("ab") as stream:
        stream.write(b'["metrics",{"step":1,"ti')

    assert 1 == len(list(journal.entries(0)))

    journal.create(journal.header())
    log(journal, 2, loss=0.5)

    assert [0, 2] == [entry.data["step"] for entry in journal.entries(0)]


def test_upload_follows_what_was_logged_before_it(journal: Journal, tmp_path: Path) -> None:
    """A file is uploaded only after the metrics before it have arrived."""
    sink = FakeSink()
    (tmp_path / "a.txt").write_text("a")
    log(journal, 0, loss=1.0)
    journal.append("upload", {"file": str(tmp_path / "a.txt"), "to": "files/a.txt"})
    carrier = Delivery(journal, sink)

    assert [] == carrier.uploads()
    carry_all(carrier)

    assert ["points", "upload a.txt"] == sink.order
    assert {"files/a.txt": b"a"} == sink.uploads


def test_newer_upload_replaces_a_waiting_one(journal: Journal, tmp_path: Path) -> None:
    """Of several waiting uploads to one place only the newest is made."""
    sink = FakeSink()
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "last.ckpt").write_text(name)
        journal.append("upload", {"file": str(tmp_path / name / "last.ckpt"), "to": "checkpoints/last.ckpt"})

    carry_all(Delivery(journal, sink))

    assert {"checkpoints/last.ckpt": b"new"} == sink.uploads
    assert 1 == sink.requests


def test_uploaded_checkpoint_is_recorded_with_its_digest(journal: Journal, tmp_path: Path) -> None:
    """The tag of a checkpoint tells size, digest and step of what was uploaded."""
    sink = FakeSink()
    (tmp_path / "last.ckpt").write_bytes(b"weights")
    about = {"epoch": 2, "step": 30, "monitor": None, "score": None}
    journal.append(
        "upload", {"file": str(tmp_path / "last.ckpt"), "to": "checkpoints/last.ckpt", "checkpoint": about}
    )

    carry_all(Delivery(journal, sink))

    record = json.loads(sink.stored_tags["serotiny.checkpoint.last"])
    assert (7, 2, 30) == (record["size_bytes"], record["epoch"], record["step"])


def test_refused_upload_waits_and_stops_nothing(journal: Journal, tmp_path: Path) -> None:
    """A file that the store refuses is named at the end; metrics and other files arrive."""
    sink = FakeSink(refused_files=frozenset({"bad.txt"}))
    for name in ("bad.txt", "good.txt"):
        (tmp_path / name).write_text("x")
        journal.append("upload", {"file": str(tmp_path / name), "to": name})
    log(journal, 0, loss=1.0)
    sender = Sender([Delivery(journal, sink)], gather_s=0.01)
    sender.start()

    left = sender.drain(20.0)

    assert [("bad.txt",)] == [item.uploads for item in left]
    assert (["good.txt"], 1) == (list(sink.uploads), len(sink.points))


def test_refused_metric_is_kept_aside_and_costs_no_other(journal: Journal) -> None:
    """A metric that the store will never take lands in `refused.jsonl`; the others arrive."""
    sink = FakeSink(refused_keys=frozenset({"bad"}))
    log(journal, 0, good=1.0, bad=2.0, fine=3.0, well=4.0)

    carrier = Delivery(journal, sink)
    carry_all(carrier)

    assert {"good", "fine", "well"} == {point.key for point in sink.points}
    assert 1 == carrier.left.refused
    assert "bad" in (journal.folder / "refused.jsonl").read_text()


def test_resumed_run_does_not_log_a_step_twice(tmp_path: Path) -> None:
    """Points that an earlier generation logged with other times are left out; new ones and changed ones are not."""
    sink = FakeSink(points=[Point("loss", 1.0, 5, 0), Point("loss", math.nan, 6, 1)])
    journal = new_journal(tmp_path / "run")
    log(journal, 0, loss=1.0)
    log(journal, 1, loss=math.nan)
    log(journal, 2, loss=0.25)
    log(journal, 0, loss=1.5)

    carry_all(Delivery(journal, sink, KnownPoints(sink)))

    assert [Point("loss", 0.25, 1002, 2), Point("loss", 1.5, 1000, 0)] == sink.points[2:]


def test_what_an_earlier_journal_still_holds_is_not_sent_again(tmp_path: Path) -> None:
    """A step that both the dead generation and the new one logged arrives once, whichever is sent first."""
    sink = FakeSink()
    old, new = new_journal(tmp_path / "old"), new_journal(tmp_path / "new")
    log(old, 0, loss=1.0)
    log(old, 1, loss=0.5)
    log(new, 1, loss=0.5)
    known = KnownPoints(sink)

    carry_all(Delivery(new, sink, known))
    carry_all(Delivery(old, sink, known))

    assert [(1, 0.5), (0, 1.0)] == [(point.step, point.value) for point in sink.points]


def test_history_is_read_for_no_metric_that_the_journals_can_tell_of(tmp_path: Path) -> None:
    """After a kill the store is asked for the last steps, once; what was on its way is there once all the same."""
    sink = FakeSink()
    old, new = new_journal(tmp_path / "old"), new_journal(tmp_path / "new")
    keys = [f"loss {number}" for number in range(50)]
    for step in range(3):
        log(old, step, **dict.fromkeys(keys, 1.0))
        Delivery(old, sink).carry()
    on_its_way = old.entries(0)
    old.save_progress(Progress(offset=next(on_its_way).end))
    for step in (1, 2, 3):
        log(new, step, **dict.fromkeys(keys, 1.0))
    sink.order.clear()
    known = KnownPoints(sink, [old], are_all=True)

    carry_all(Delivery(old, sink, known))
    carry_all(Delivery(new, sink, known))

    assert (1, 0) == (sink.order.count("last steps"), sink.order.count("history"))
    assert 4 * len(keys) == len(sink.points)


def test_store_is_asked_for_the_repeated_steps_alone(tmp_path: Path) -> None:
    """The points before the first repeated step are not read; a metric whose steps go back is read twice at most."""
    stored = [Point(key, float(step), step, step) for key in ("loss", "curve") for step in range(6)]
    sink = FakeSink(points=list(stored))
    journal = new_journal(tmp_path / "run")
    for step in (4, 5, 6):
        log(journal, step, loss=float(step))
    for step in (5, 3, 1, 0, 6):
        log(journal, step, curve=float(step))

    carry_all(Delivery(journal, sink, KnownPoints(sink)))

    assert ["loss from 4", "curve from 5", "curve from None"] == sink.histories
    assert ["loss", "curve"] == [point.key for point in sink.points[len(stored) :]]


def test_damaged_journal_ends_the_drain_at_once_and_is_told(journal: Journal) -> None:
    """What lies before the place has arrived; nobody waits for what cannot be read."""
    sink = FakeSink()
    log(journal, 0, loss=1.0)
    with journal.file.open("a") as stream:
        stream.write('["nothing", {}]\n')
    sender = Sender([Delivery(journal, sink)], gather_s=0.01)
    sender.start()
    start_s = time.monotonic()
    (left,) = sender.drain(60)

    assert time.monotonic() - start_s < 30
    assert "is damaged at byte" in left.reason
    assert ["loss"] == [point.key for point in sink.points]


def test_changed_parameter_of_a_resumed_run_is_not_rewritten(journal: Journal) -> None:
    """Parameters that are there stay as they are, and new ones are added."""
    sink = FakeSink(stored_params={"max_epochs": "3"})
    journal.append("params", {"values": {"max_epochs": "5", "lr": "0.1"}})

    carry_all(Delivery(journal, sink))

    assert {"max_epochs": "3", "lr": "0.1"} == sink.stored_params


def test_run_taken_over_gets_metrics_but_no_status(tmp_path: Path) -> None:
    """A journal of an owner that lost the run sends its points, and neither tags nor a status."""
    sink = FakeSink(token="another")
    journal = new_journal(tmp_path / "run", token="ours")
    log(journal, 0, loss=1.0)
    journal.append("tags", {"values": {"a": "b"}})
    journal.append("end", {"status": "FINISHED", "time_ms": 7})

    carry_all(Delivery(journal, sink))

    assert (1, {}, None) == (len(sink.points), sink.stored_tags, sink.ended)


def test_drain_ends_in_time_and_names_the_folder(journal: Journal) -> None:
    """With a store that never comes back, draining ends within its limit and says what is left and where."""
    log(journal, 0, loss=1.0)
    sender = Sender([Delivery(journal, FakeSink(is_away=True))], gather_s=0.01)
    sender.start()

    left = sender.drain(0.5)

    assert [(journal.size(), journal.folder.parent, "connection refused")] == [
        (item.bytes_, item.folder, item.reason) for item in left
    ]


def test_outage_is_told_once_however_often_it_is_asked(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    """Each outage is a line of the log, also the second one for the same reason; everything is sent in between."""
    sink = FakeSink(is_away=True)
    sender = Sender([Delivery(journal, sink)], gather_s=0.01)

    def go_through_an_outage(step: int) -> None:
        sink.is_away = True
        asked = sink.requests
        log(journal, step, loss=1.0)
        while sink.requests < asked + 3:
            time.sleep(0.01)
        sink.is_away = False
        while len(sink.points) <= step:
            time.sleep(0.01)

    with caplog.at_level("INFO"):
        sender.start()
        go_through_an_outage(0)
        go_through_an_outage(1)
        left = sender.drain(20.0)

    assert ([], ["not sent yet: connection refused"] * 2) == (left, caplog.messages)


def test_file_that_is_replaced_while_it_is_uploaded_stays_whole(journal: Journal, tmp_path: Path) -> None:
    """What is uploaded is the file as it was when the upload began, and its digest fits."""
    file = tmp_path / "last.ckpt"
    file.write_bytes(b"old")
    (tmp_path / "next").write_bytes(b"newer")

    class Replacing(FakeSink):
        def upload(self, file_: Path, artifact_dir: str) -> None:
            (tmp_path / "next").replace(file)
            super().upload(file_, artifact_dir)

    sink = Replacing()
    journal.append("upload", {"file": str(file), "to": "checkpoints/last.ckpt", "checkpoint": {}})

    carry_all(Delivery(journal, sink))

    assert (b"old", 3) == (
        sink.uploads["checkpoints/last.ckpt"],
        json.loads(sink.stored_tags["serotiny.checkpoint.last"])["size_bytes"],
    )


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda folder: (folder / "run.json").write_text("{"), "cannot be read"),
        (lambda folder: (folder / "run.json").write_text("{}"), "cannot be read: 'adopted' is missing"),
        (lambda folder: (folder / "run.json").unlink(), "no journal"),
        (lambda folder: rewrite(folder, format=9), "format 9"),
    ],
)
def test_damaged_header_is_a_clear_error(journal: Journal, damage: Callable[[Path], Any], fault: str) -> None:
    """A journal whose header is damaged, gone or of a later version says so."""
    damage(journal.folder)

    with pytest.raises(JournalError, match=fault):
        journal.header()


@pytest.mark.parametrize("leads_to", ["/dev/zero", None])
def test_entries_are_read_from_a_file_alone(journal: Journal, leads_to: str | None) -> None:
    """A pipe or a device in their place is told, and not waited for."""
    journal.close()
    journal.file.unlink()
    if leads_to is None:
        os.mkfifo(journal.file)
    else:
        journal.file.symlink_to(leads_to)

    with pytest.raises(JournalError, match="it is no plain file"):
        list(journal.entries(0))


def rewrite(folder: Path, **changes: Any) -> None:
    document = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**document, **changes}))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_full_disk_is_a_clear_error(journal: Journal) -> None:
    """A disk that is full stops the writer with a message that names the file."""
    journal.close()
    journal.file.unlink()
    journal.file.symlink_to("/dev/full")
    journal._descriptor = os.open("/dev/full", os.O_WRONLY)  # the torn-line check would refuse a device

    with pytest.raises(JournalError, match="No space left"):
        log(journal, 0, loss=1.0)


def test_journal_of_an_earlier_run_in_the_folder_is_put_aside(tmp_path: Path) -> None:
    """Starting again in the same folder keeps the old journal beside the new one."""
    first = new_journal(tmp_path)
    log(first, 0, loss=1.0)
    first.close()
    second = new_journal(tmp_path)

    assert 0 == second.size()
    assert [1, 0] == [len(list(journal.entries(0))) for journal in Journal.all_in(tmp_path)]


def test_files_in_the_run_folder_may_move_with_it(tmp_path: Path) -> None:
    """Entries name files of the run's folder relative to it."""
    journal = new_journal(tmp_path / "run")
    file = journal.keep_text("hello", "config/train.yaml")
    journal.append("upload", {"file": journal.portable(file), "to": "config/train.yaml"})
    journal.close()
    (tmp_path / "run").rename(tmp_path / "moved")
    sink = FakeSink()

    carry_all(Delivery(Journal.all_in(tmp_path / "moved")[0], sink))

    assert {"config/train.yaml": b"hello"} == sink.uploads


def queue_checkpoint(journal: Journal, file: Path, step: int) -> None:
    """As a session does it."""
    version = journal.keep_version(file, "checkpoints/last.ckpt")
    about = {"epoch": None, "step": step, "monitor": None, "score": None}
    journal.append(
        "upload",
        {
            "file": journal.portable(version),
            "to": "checkpoints/last.ckpt",
            "of": journal.portable(file),
            "checkpoint": about,
        },
    )


def replace_file(file: Path, text: str) -> None:
    """As checkpoints are written: the new one in the old one's place."""
    beside = file.with_name("beside")
    beside.write_text(text)
    beside.replace(file)


def test_journalled_version_is_uploaded_though_the_file_was_replaced(
    journal: Journal, tmp_path: Path
) -> None:
    """What lies at the path by now belongs to points that have not been sent: file and tag stay one."""
    sink = FakeSink()
    file = tmp_path / "run" / "last.ckpt"
    replace_file(file, "step 1")
    queue_checkpoint(journal, file, 1)
    carrier = Delivery(journal, sink)
    assert carrier.carry()
    for step in range(2, 7):  # more versions than are kept, not one of them sent yet
        replace_file(file, f"step {step}")
        queue_checkpoint(journal, file, step)

    carry_uploads(carrier)
    first = (sink.uploads["checkpoints/last.ckpt"], stored_step(sink))
    carry_all(carrier)
    carrier.close()

    assert (b"step 1", 1) == first
    assert (b"step 6", 6) == (sink.uploads["checkpoints/last.ckpt"], stored_step(sink))
    assert not (journal.folder / "outbox").exists()


def test_version_that_a_newer_one_replaces_just_before_its_upload_is_whole(
    journal: Journal, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The sender goes on while the uploader begins: the older version stays until it is uploaded, and nothing is told."""
    file = tmp_path / "run" / "last.ckpt"

    class Overtaken(FakeSink):
        def tags(self) -> Mapping[str, str]:
            if "checkpoints/last.ckpt" not in self.uploads and carrier.uploads()[0][1]["at"] == first:
                carrier.carry()
            return super().tags()

    sink = Overtaken()
    carrier = Delivery(journal, sink)
    target, data = upload_of_two(carrier, journal, file)
    first = data["at"]

    carrier.upload(target, data)
    older = sink.uploads[target]
    carry_all(carrier)

    assert (b"step 1", b"step 2") == (older, sink.uploads[target])
    assert ([], []) == (caplog.messages, list((journal.folder / "outbox").iterdir()))


def test_upload_that_was_replaced_meanwhile_is_left_out(
    journal: Journal, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An uploader that still has the older entry at hand does not miss its file."""
    sink = FakeSink()
    file = tmp_path / "run" / "last.ckpt"
    carrier = Delivery(journal, sink)
    target, data = upload_of_two(carrier, journal, file)
    carrier.carry()

    carrier.upload(target, data)

    assert ({}, []) == (sink.uploads, caplog.messages)


def upload_of_two(carrier: Delivery, journal: Journal, file: Path) -> tuple[str, dict[str, Any]]:
    """The upload of the first of two versions of a file; the second is not carried yet."""
    for step in (1, 2):
        replace_file(file, f"step {step}")
        queue_checkpoint(journal, file, step)
    carrier.carry()
    (upload,) = carrier.uploads()
    return upload


def carry_uploads(carrier: Delivery) -> None:
    for target, data in carrier.uploads():
        carrier.upload(target, data)


def stored_step(sink: FakeSink) -> int:
    return int(json.loads(sink.stored_tags["serotiny.checkpoint.last"])["step"])


def test_backlog_of_an_earlier_start_never_replaces_a_newer_checkpoint(tmp_path: Path) -> None:
    """A journal that was left behind, sent by hand when the run has gone on, leaves the newer file alone."""
    sink = FakeSink()
    old = new_journal(tmp_path / "old")
    replace_file(tmp_path / "old" / "last.ckpt", "step 40")
    queue_checkpoint(old, tmp_path / "old" / "last.ckpt", 40)
    new = Journal.new(tmp_path / "new")
    new.create(
        JournalHeader(
            tracking_uri="http://store",
            experiment_id="1",
            run_id="run1",
            run_name="a run",
            generation=2,
            token="ours",
        )
    )
    replace_file(tmp_path / "new" / "last.ckpt", "step 30")
    queue_checkpoint(new, tmp_path / "new" / "last.ckpt", 30)

    carry_all(Delivery(new, sink))
    carry_all(Delivery(old, sink))

    assert (b"step 30", 30) == (sink.uploads["checkpoints/last.ckpt"], stored_step(sink))


def test_journal_of_an_owner_that_lost_the_run_uploads_nothing(tmp_path: Path) -> None:
    """Another process owns the run now: its files are its own matter."""
    sink = FakeSink(token="another")
    journal = new_journal(tmp_path / "run", token="ours")
    replace_file(tmp_path / "run" / "last.ckpt", "weights")
    queue_checkpoint(journal, tmp_path / "run" / "last.ckpt", 1)

    carrier = Delivery(journal, sink)
    carry_all(carrier)

    assert ({}, False) == (sink.uploads, bool(carrier.left))


def test_file_in_a_folder_that_was_given_to_another_run_is_not_uploaded(tmp_path: Path) -> None:
    """The owner file says whose the folder is; the journal's word alone is not enough."""
    sink = FakeSink()
    journal = new_journal(tmp_path / "run")
    replace_file(tmp_path / "run" / "last.ckpt", "weights")
    queue_checkpoint(journal, tmp_path / "run" / "last.ckpt", 1)
    folder = RunFolder.claim_new(
        tmp_path / "other", Occupant(operation="train", run_name="b", experiment="e", identity="i")
    )
    folder.hold("another run", "b")
    folder.end("FINISHED")
    (tmp_path / "other" / ".owner.json").rename(tmp_path / "run" / ".owner.json")

    carry_all(Delivery(journal, sink))

    assert {} == sink.uploads


def test_end_is_told_after_everything_else(journal: Journal, tmp_path: Path) -> None:
    """FINISHED means stored: while an upload waits the run is not ended, with all threads at work."""
    sink = FakeSink()
    file = tmp_path / "run" / "last.ckpt"
    replace_file(file, "weights")
    log(journal, 0, loss=1.0)
    queue_checkpoint(journal, file, 1)
    journal.append("end", {"status": "FINISHED", "time_ms": 7})
    sender = Sender([Delivery(journal, sink)], gather_s=0.01)
    sender.start()

    assert [] == sender.drain(20.0)
    assert ["points", "upload last.ckpt", "tags", "end"] == [name for name in sink.order if name != "close"]


def test_run_whose_checkpoint_is_refused_for_good_is_not_ended(journal: Journal, tmp_path: Path) -> None:
    """Draining ends early, names what was refused, and the run does not count as finished."""
    sink = FakeSink(refused_files=frozenset({"last.ckpt"}))
    file = tmp_path / "run" / "last.ckpt"
    replace_file(file, "weights")
    queue_checkpoint(journal, file, 1)
    journal.append("end", {"status": "FINISHED", "time_ms": 7})
    sender = Sender([Delivery(journal, sink)], gather_s=0.01)
    sender.start()

    left = sender.drain(30.0)

    assert ([("checkpoints/last.ckpt",)], None) == ([item.uploads for item in left], sink.ended)


def test_deleted_run_ends_the_drain_at_once(journal: Journal) -> None:
    """Nothing can be written to a run that is gone: nobody waits for it."""

    class Gone(FakeSink):
        def log_points(self, points: Sequence[Point]) -> None:
            raise RunGoneError("the run run1 was deleted")

    log(journal, 0, loss=1.0)
    sender = Sender([Delivery(journal, Gone())], gather_s=0.01)
    sender.start()

    left = sender.drain(60.0)

    assert (True, ["the run run1 was deleted"]) == (sender.is_gone, [item.reason for item in left])


def test_sending_with_outages_draws_nothing_from_pythons_own_generator(
    journal: Journal, tmp_path: Path
) -> None:
    """A store that goes away changes no number that a job draws: journal, uploads and back-off have their own."""
    sink = FakeSink(is_away=True)
    before = random.getstate()
    sender = Sender([Delivery(journal, sink)], gather_s=0.01)
    sender.start()
    for step in range(20):
        log(journal, step, loss=1.0)
        replace_file(tmp_path / "run" / "last.ckpt", str(step))
        queue_checkpoint(journal, tmp_path / "run" / "last.ckpt", step)
        time.sleep(0.02)
        sink.is_away = step < 10
    left = sender.drain(30.0)

    assert ([], before) == (left, random.getstate())


def test_progress_is_saved_by_both_threads_without_loss(journal: Journal, tmp_path: Path) -> None:
    """Sender and uploader write one file in turns: nothing is refused, and no temporary file is left."""
    sink = FakeSink()
    file = tmp_path / "run" / "last.ckpt"
    sender = Sender([Delivery(journal, sink)], gather_s=0.001)
    sender.start()
    for step in range(300):
        log(journal, step, loss=1.0)
        replace_file(file, str(step))
        queue_checkpoint(journal, file, step)

    assert [] == sender.drain(60.0)
    assert (300, b"299") == (len(sink.points), sink.uploads["checkpoints/last.ckpt"])
    assert [] == list(journal.folder.glob(".sent.json.*"))
