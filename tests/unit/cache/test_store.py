"""Answers on disk: of whose code they are, who wrote them, and how many are kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from serotiny.cache.entries import Room
from serotiny.cache.fingerprint import Evidence
from serotiny.cache.store import AnswerCache
from serotiny.reads import Reads


def test_an_answer_of_other_code_is_of_no_use(tmp_path: Path) -> None:
    """Code that changes, in whatever folder below its own, makes its answers anew."""
    code, folder = tmp_path / "code", tmp_path / "answers"
    (code / "room").mkdir(parents=True)
    AnswerCache("any", code, folder=folder).store("key", Evidence(), 1)
    assert AnswerCache("any", code, folder=folder).load("key") is not None

    (code / "room" / "module.py").write_text("x = 1\n")

    assert AnswerCache("any", code, folder=folder).load("key") is None


def test_the_oldest_answers_go_first(tmp_path: Path) -> None:
    """A cache with a bound keeps the answers that were stored last."""
    cache = AnswerCache("any", tmp_path, folder=tmp_path / "answers", kept=2)

    for key in ("a", "b", "c"):
        cache.store(key, Evidence(), key)

    assert [None, "b", "c"] == [entry and entry.answer for entry in map(cache.load, "abc")]


def _of_another_user(file: Path) -> None:
    os.chown(file, 12345, -1)


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _device(file: Path) -> None:
    file.unlink()
    file.symlink_to("/dev/zero")


def _half(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            _of_another_user,
            marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away"),
        ),
        _pipe,
        _device,
        _half,
    ],
)
def test_what_another_may_have_put_there_is_no_answer(
    change: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries are whole plain files of this user: nothing else is believed, or waited for."""
    monkeypatch.setenv("SEROTINY_CACHE_DIR", str(tmp_path))
    answers, room = AnswerCache("answers", Path(__file__).parent), Room("room")
    answers.store("key", Evidence(), 1)
    room.store(["key"], Reads(), {})
    for file in tmp_path.rglob("*.json"):
        change(file)

    assert (None, None) == (answers.load("key"), room.load(["key"]))
