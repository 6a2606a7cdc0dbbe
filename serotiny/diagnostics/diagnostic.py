"""A fault of the configuration, as a value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from serotiny.diagnostics.counts import first_of
from serotiny.diagnostics.place import Origin, Place
from serotiny.diagnostics.rules import RULES, Severity, Stage
from serotiny.diagnostics.suggestions import as_question

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong, and where. Knows nothing of terminals or JSON.

    Attributes:
        code: a published code such as `SER301`; its rule is `RULES[code]`.
        message: a headline that is true out of context: lower case, no full stop, values in backticks.
        place: the span at fault.
        key: the dotted path of the value in the composed config (`model.layers[1]`), if it has one.
        help: an instruction that works when followed.
        notes: where else to look, what led here.
        jobs: which of the compiled jobs have it, counted from 0.
        severity: the rule's own, unless a check says otherwise.
        suggestion: the name that was probably meant; without a `help` it becomes "did you mean …?".
        target: what does not take an unknown parameter: of a key that several targets do not take, one fault is told.
        wanted: what a wrong value must be: of a value at several keys that must be the same at each, one fault is told.
        is_of_code: it is code that is to be mended: of what several configs name, one fault is told, at the first.
    """

    code: str
    message: str
    place: Place
    key: str | None = None
    help: str | None = None
    notes: tuple[str, ...] = ()
    jobs: tuple[int, ...] = (0,)
    severity: Severity | None = None
    suggestion: str | None = None
    target: str | None = None
    wanted: str | None = None
    is_of_code: bool = False

    def __post_init__(self) -> None:
        if self.severity is None:
            object.__setattr__(self, "severity", RULES[self.code].severity)
        if self.help is None and self.suggestion is not None:
            object.__setattr__(self, "help", as_question(self.suggestion))

    @property
    def name(self) -> str:
        """The rule's name, such as `unknown-parameter`."""
        return RULES[self.code].name

    @property
    def stage(self) -> Stage:
        """The stage that finds it."""
        return RULES[self.code].stage

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


def merge_jobs(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """One diagnostic for each distinct fault, naming every job that has it, in source order.

    What is an error in some jobs is not told as a warning of the others as well.
    """
    first: dict[object, Diagnostic] = {}
    jobs: dict[object, set[int]] = {}
    for diagnostic in diagnostics:
        # the help may differ from job to job: it can name what else a job's config holds
        fault: object = replace(_of_its_place(diagnostic), jobs=(), help=None, suggestion=None)
        if RULES[diagnostic.code].once_per_message and not diagnostic.is_error:
            fault = diagnostic.message
        elif diagnostic.is_of_code:
            fault = (diagnostic.code, diagnostic.message, diagnostic.severity)
        elif diagnostic.wanted is not None and diagnostic.place.origin is Origin.FILE:
            # one value; an override of a sweep has another one in each job
            fault = (diagnostic.code, diagnostic.place, diagnostic.severity, diagnostic.wanted)
        first.setdefault(fault, diagnostic)
        jobs.setdefault(fault, set()).update(diagnostic.jobs)
    merged = _of_several_targets(
        [replace(diagnostic, jobs=tuple(sorted(jobs[fault]))) for fault, diagnostic in first.items()]
    )
    errors = {_told(diagnostic) for diagnostic in merged if diagnostic.is_error}
    return sorted(
        (found for found in merged if found.is_error or _told(found) not in errors), key=_source_order
    )


def _of_several_targets(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics; a key that several targets do not take, as one of a file on which options build, once."""
    by_key: dict[object, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        same = (diagnostic.place, diagnostic.is_error, diagnostic.key, diagnostic.suggestion)
        by_key.setdefault(id(diagnostic) if diagnostic.target is None else same, []).append(diagnostic)
    return [alike[0] if len(alike) == 1 else _as_one(alike) for alike in by_key.values()]


def _as_one(alike: Sequence[Diagnostic]) -> Diagnostic:
    first, *others = alike
    note = f"nor of {first_of([str(diagnostic.target) for diagnostic in others])}"
    jobs = {job for diagnostic in alike for job in diagnostic.jobs}
    return replace(first, notes=(*first.notes, note), jobs=tuple(sorted(jobs)))


def _told(diagnostic: Diagnostic) -> tuple[str, Place, str]:
    return diagnostic.code, diagnostic.place, _of_its_place(diagnostic).message


def _of_its_place(diagnostic: Diagnostic) -> Diagnostic:
    """The diagnostic without the key around a written value, which stands at each key whose interpolation leads there."""
    if diagnostic.key is None or diagnostic.place.origin is not Origin.FILE:
        return diagnostic
    around, _, name = diagnostic.key.rpartition(".")
    return replace(
        diagnostic, key=name, message=diagnostic.message.replace(f"`{around}.{name}`", f"`{name}`")
    )


def _source_order(diagnostic: Diagnostic) -> tuple[str, str, int, int, str]:
    place = diagnostic.place
    return (place.file or "~", place.override or "", place.line or 0, place.column or 0, diagnostic.code)
