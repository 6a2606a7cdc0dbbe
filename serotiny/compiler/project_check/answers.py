"""Digests of the answers that a job depends on, of whomever they were asked."""

from __future__ import annotations

from dataclasses import dataclass

from serotiny.cache.questions import UNSTORABLE, Question, ask_again, digest_of
from serotiny.compiler.checks.builtin import BUILTIN_CHECKS
from serotiny.compiler.compile import Compiler
from serotiny.compiler.project_code import Subject
from serotiny.compiler.sources.answers import answer_to
from serotiny.compiler.sources.sources import ASKED_AS, Sources
from serotiny.targets import SignatureReader


@dataclass(frozen=True)
class Answers:
    """Asks the questions of an earlier check again.

    Attributes:
        sources: the configs.
        askable: what else is asked: the signatures, and the project's code.
        in_full: whether a job may depend on texts that are for people, as checks of other packages may.
    """

    sources: Sources
    askable: tuple[SignatureReader | Subject, ...]
    in_full: bool

    @classmethod
    def of(cls, compiler: Compiler) -> Answers:
        """Those of what a compiler reads."""
        validator = compiler.validator
        in_full = validator.checks != BUILTIN_CHECKS
        return cls(compiler.sources, (validator.reader, *validator.code.subjects), in_full)

    def __call__(self, question: Question) -> str:
        """The digest of the answer.

        Raises:
            ValueError: there is no such question; TypeError and KeyError may be raised too.
        """
        if question == UNSTORABLE:
            raise ValueError("it was not stored")
        if question[0] == ASKED_AS:
            return answer_to(question, self.sources)
        asked = next((item for item in self.askable if item.asked_as == question[0]), None)
        if asked is None:
            raise ValueError(f"nobody is asked as {question[0]}")
        return digest_of(ask_again(asked, question), in_full=self.in_full)
