"""A cache of compiled jobs, each with the questions that it asked of the project's configs and their answers."""

from __future__ import annotations

from collections.abc import Set
from typing import Any, Final

from serotiny.compiler.project_check.judged_job import JudgedJob
from serotiny.compiler.sources.answers import answer_to
from serotiny.compiler.sources.sources import Question, Sources
from serotiny.compiler.usage.calls import Call

_OF_ONE_JOB: Final = frozenset({"document", "option", "package", "path", "value"})
"""The kinds of questions that each job asks itself. Answers to others are shared by jobs, so they count for all."""


class JobMemory:
    """The jobs that need not be compiled again, since the configs give the same answers as before.

    A job also depends on signatures, the environment and tables: the caller must pass earlier jobs only while
    those are unchanged.

    Args:
        sources: the current configs.
        names: a digest of which configs exist, which of them name which, and which root keys they set.
        earlier: the JSON data of an earlier check; what cannot be read of it is ignored.
    """

    def __init__(self, sources: Sources, names: str, earlier: Any) -> None:
        self._sources = sources
        self._names = names
        self._answers: dict[Question, str] = {}
        self._kept: dict[Call, tuple[Any, frozenset[Question], bool]] = {}
        self._of_all: set[Question] = set()
        self._earlier: dict[Call, Any] = {}
        self._questions: list[Question] = []
        self._expected: list[str] = []
        self._earlier_names: str | None = None
        try:
            self._adopt(earlier)
        except (ValueError, KeyError, TypeError, IndexError):
            self._earlier = {}

    def _adopt(self, earlier: Any) -> None:
        if earlier is None:
            return
        self._questions = [(asked, about, tuple(added)) for asked, about, added, _ in earlier["questions"]]
        self._expected = [answer for *_, answer in earlier["questions"]]
        self._earlier_names = earlier["names"]
        of_all = {self._questions[index] for index in earlier["of_all"]}
        if all(self._holds(index) for index in earlier["of_all"]):
            self._of_all = of_all
            self._earlier = {
                (primary, tuple(overrides)): rest for primary, overrides, *rest in earlier["jobs"]
            }

    def recall(self, call: Call) -> JudgedJob | None:
        """The job of a call; None when it has to be compiled."""
        try:
            data, indices, hangs_on_names = self._earlier[call]
            if hangs_on_names and self._earlier_names != self._names:
                return None
            if not all(self._holds(index) for index in indices):
                return None
            job = JudgedJob.from_json(data)
            self._kept[call] = (data, frozenset(self._questions[index] for index in indices), hangs_on_names)
        except (ValueError, KeyError, TypeError, IndexError):
            return None
        return job

    def keep(self, call: Call, job: JudgedJob, asked: Set[Question], *, hangs_on_names: bool) -> None:
        """Store a job that was compiled, unless its diagnostics may hold a credential.

        Args:
            call: the call that it was compiled from.
            job: the result.
            asked: the questions that were asked of the sources for it.
            hangs_on_names: whether it depends on which configs exist.
        """
        own = frozenset(question for question in asked if question[0] in _OF_ONE_JOB)
        self._of_all |= asked - own
        if not job.tells_secrets:
            self._kept[call] = (job.to_json(), own, hangs_on_names)

    def to_json(self) -> Any:
        """The jobs as JSON data."""
        index: dict[Question, int] = {}
        for questions in (self._of_all, *(own for _, own, _ in self._kept.values())):
            for question in questions:
                index.setdefault(question, len(index))
        jobs = [
            [*call, data, [index[question] for question in own], hangs_on_names]
            for call, (data, own, hangs_on_names) in self._kept.items()
        ]
        return {
            "questions": [[*question, self._answer(question)] for question in index],
            "of_all": [index[question] for question in self._of_all],
            "names": self._names,
            "jobs": jobs,
        }

    def _holds(self, index: int) -> bool:
        return self._answer(self._questions[index]) == self._expected[index]

    def _answer(self, question: Question) -> str:
        if question not in self._answers:
            self._answers[question] = answer_to(question, self._sources)
        return self._answers[question]
