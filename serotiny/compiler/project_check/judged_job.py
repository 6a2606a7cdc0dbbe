"""The result of compiling a job as far as a check of the project needs it, also as JSON data."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import lru_cache
from typing import Any

from serotiny.compiler.job import Job
from serotiny.compiler.usage.outcome import Outcome
from serotiny.credentials.detection import mask_source
from serotiny.diagnostics import Diagnostic, Origin, Place, Severity

_SECRET = "SER503"

_REMEMBERED = 5_000
"""The number of diagnostics for which it is remembered whether they hold a credential: many jobs have the same ones."""


@dataclass(frozen=True, kw_only=True)
class JudgedJob:
    """The result of compiling a job, without its config.

    Attributes:
        silenced_by: as `Job` has it.
    """

    outcome: Outcome
    diagnostics: tuple[Diagnostic, ...]
    silenced_by: frozenset[str]

    @classmethod
    def of(cls, job: Job) -> JudgedJob:
        """The parts of a job that a check needs."""
        return cls(
            outcome=Outcome.of(job.resolved, job.diagnostics),
            diagnostics=job.diagnostics,
            silenced_by=job.silenced_by,
        )

    @property
    def tells_secrets(self) -> bool:
        """Whether its diagnostics may hold a credential, which only the report masks."""
        return any(found.code == _SECRET or _is_masked(found) for found in self.diagnostics)

    def to_json(self) -> Any:
        """As JSON data."""
        outcome = self.outcome
        return [
            list(outcome.configs),
            sorted(outcome.groups),
            list(map(list, outcome.mandatory)),
            list(map(list, outcome.errors)),
            outcome.is_refused,
            sorted(outcome.lines),
            sorted(outcome.read),
            sorted(outcome.misread),
            outcome.sweeps,
            [_diagnostic_to_json(found) for found in self.diagnostics],
            sorted(self.silenced_by),
        ]

    @classmethod
    def from_json(cls, data: Any) -> JudgedJob:
        """The job from the data that `to_json` returned.

        Raises:
            ValueError: the data is malformed; KeyError and TypeError may be raised too.
        """
        configs, groups, mandatory, errors, is_refused, *of_option, sweeps, diagnostics, silenced_by = data
        lines, read, misread = of_option
        outcome = Outcome(
            configs=tuple(configs),
            groups=frozenset(groups),
            mandatory=tuple((key, option) for key, option in mandatory),
            errors=tuple((code, file, line) for code, file, line in errors),
            is_refused=bool(is_refused),
            lines=frozenset(map(int, lines)),
            read=frozenset(map(int, read)),
            misread=frozenset(map(int, misread)),
            sweeps=bool(sweeps),
        )
        return cls(
            outcome=outcome,
            diagnostics=tuple(map(_diagnostic_from_json, diagnostics)),
            silenced_by=frozenset(silenced_by),
        )


@lru_cache(_REMEMBERED)
def _is_masked(found: Diagnostic) -> bool:
    place = found.place.override
    texts = (found.message, found.key, found.help, found.suggestion, place, *found.notes)
    return any(text is not None and mask_source(text).spans for text in texts)


def _diagnostic_to_json(found: Diagnostic) -> Any:
    severity = None if found.severity is None else found.severity.value
    texts = [found.code, found.message, found.key, found.help, found.suggestion, severity]
    kinds = [found.target, found.wanted, found.is_of_code]
    return [*texts, *kinds, list(found.notes), list(astuple(found.place))]


def _diagnostic_from_json(data: Any) -> Diagnostic:
    code, message, key, help_text, suggestion, severity, *kinds, notes, (origin, *place) = data
    target, wanted, is_of_code = kinds
    return Diagnostic(
        code,
        message,
        Place(Origin(origin), *place),
        key=key,
        help=help_text,
        notes=tuple(notes),
        severity=None if severity is None else Severity(severity),
        suggestion=suggestion,
        target=target,
        wanted=wanted,
        is_of_code=bool(is_of_code),
    )
