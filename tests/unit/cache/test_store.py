"""Answers on disk: of whose code they are, and how many are kept."""

from __future__ import annotations

from pathlib import Path

from serotiny.cache.fingerprint import Evidence
from serotiny.cache.store import AnswerCache


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
