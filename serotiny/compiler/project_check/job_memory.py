"""A cache of compiled jobs, each with the questions that it asked of the project's configs and code, and their answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Any, Final

from serotiny.cache.questions import UNSTORABLE, Question, question_from_json
from serotiny.compiler.project_check.judged_job import JudgedJob
from serotiny.compiler.sources.sources import ASKED_AS
from serotiny.compiler.usage.outcome import Call

_OF_ONE_JOB: Final = frozenset({"document", "option", "package", "path", "value"})
"""What each job asks of configs itself. Answers to others are shared by jobs, so they count for all."""

_SHARED: Final = "registered"
"""What jobs share of the answers of code."""

_OF_PROJECT: Final[Question] = (ASKED_AS, "project", ("",))
"""What every job depends on."""


def _is_of_one_job(question: Question) -> bool:
    of_whom, asked, _ = question
    return asked in _OF_ONE_JOB if of_whom == ASKED_AS else asked != _SHARED


class JobMemory:
    """The jobs that need not be compiled again, since configs and code give the same answers as before.

    A job also depends on the environment and tables: the caller must pass earlier jobs only while those are unchanged.

    Args:
        answer: returns a digest of the current answer to a question; for one that there is not any more it may raise
            ValueError, TypeError or KeyError.
        others: a digest of each thing that a job may depend on of configs which it does not ask for: which of them there
            are, and which of them set a key at the root.
        earlier: the JSON data of an earlier check; what cannot be read of it is ignored.
        is_of_same_code: the code is known to be that of the earlier check, so that nothing is asked about it.
    """

    def __init__(
        self,
        answer: Callable[[Question], str],
        others: Mapping[str, str],
        earlier: Any,
        *,
        is_of_same_code: bool = False,
    ) -> None:
        self._ask = answer
        self._others = others
        self._answers: dict[Question, str] = {}
        self._kept: dict[Call, tuple[Any, frozenset[Question], frozenset[str]]] = {}
        self._of_all: set[Question] = set()
        self._earlier: dict[Call, Any] = {}
        self._questions: list[Question] = []
        self._expected: list[str] = []
        self._earlier_others: Mapping[str, str | None] = {}
        try:
            self._adopt(earlier, is_of_same_code)
        except (ValueError, KeyError, TypeError, IndexError):
            self._earlier = {}

    def _adopt(self, earlier: Any, is_of_same_code: bool) -> None:
        if earlier is None:
            return
        self._questions = [question_from_json(question) for *question, _ in earlier["questions"]]
        self._expected = [answer for *_, answer in earlier["questions"]]
        self._earlier_others = dict(earlier["others"])
        if is_of_same_code:
            known = zip(self._questions, self._expected, strict=True)
            self._answers = {question: answer for question, answer in known if question[0] != ASKED_AS}
        of_all = {self._questions[index] for index in earlier["of_all"]}
        if all(self._holds(index) for index in earlier["of_all"]):
            self._of_all = of_all
            self._earlier = {
                (primary, tuple(overrides)): rest for primary, overrides, *rest in earlier["jobs"]
            }

    def recall(self, call: Call) -> JudgedJob | None:
        """The job of a call; None when it has to be compiled."""
        try:
            data, indices, hangs_on = self._earlier[call]
            if any(self._earlier_others[key] != self._others.get(key) for key in hangs_on):
                return None
            if not all(self._holds(index) for index in indices):
                return None
            job = JudgedJob.from_json(data)
            own = frozenset(self._questions[index] for index in indices)
            self._kept[call] = (data, own, frozenset(hangs_on))
        except (ValueError, KeyError, TypeError, IndexError):
            return None
        return job

    def keep(self, call: Call, job: JudgedJob, asked: Set[Question], hangs_on: frozenset[str]) -> None:
        """Store a job that was compiled, unless its diagnostics may hold a credential.

        Args:
            call: the call that it was compiled from.
            job: the result.
            asked: the questions that were asked for it.
            hangs_on: the keys of those of `others` that it depends on.
        """
        own = frozenset(filter(_is_of_one_job, asked))
        self._of_all |= {_OF_PROJECT, *(asked - own)}
        if UNSTORABLE not in own and not job.tells_secrets:
            self._kept[call] = (job.to_json(), own, hangs_on)

    def to_json(self) -> Any:
        """The jobs as JSON data."""
        index: dict[Question, int] = {}
        for questions in (self._of_all, *(own for _, own, _ in self._kept.values())):
            for question in questions:
                index.setdefault(question, len(index))
        jobs = [
            [*call, data, [index[question] for question in own], [*hangs_on]]
            for call, (data, own, hangs_on) in self._kept.items()
        ]
        return {
            "questions": [[*question, self._answer(question)] for question in index],
            "of_all": [index[question] for question in self._of_all],
            "others": {
                key: self._others.get(key) for _, _, hangs_on in self._kept.values() for key in hangs_on
            },
            "jobs": jobs,
        }

    def _holds(self, index: int) -> bool:
        return self._answer(self._questions[index]) == self._expected[index]

    def _answer(self, question: Question) -> str:
        if question not in self._answers:
            self._answers[question] = self._ask(question)
        return self._answers[question]
