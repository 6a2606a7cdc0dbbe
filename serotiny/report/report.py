"""The report of a check, which every format renders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from serotiny.credentials.masking import MaskedText
from serotiny.diagnostics import Diagnostic, Place, merge_jobs
from serotiny.filesystem import read_plain_file
from serotiny.report.calls import JobCall, belongs_to
from serotiny.report.redaction import SecretSpans, concealed, masked_line

_LARGEST_SOURCE: Final = 1_000_000  # bytes, as of a config


@dataclass(frozen=True, kw_only=True)
class RunOutlook:
    """What the jobs that ask for a run name would do with it now."""

    name: str
    experiment: str
    action: str
    note: str
    jobs: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Report:
    """The result of a check.

    Attributes:
        jobs: the number of jobs that were compiled.
        diagnostics: the diagnostics in source order; credentials are masked when the report is made.
        root: the folder that file names are relative to.
        runs: what would happen to each run name, if that was requested.
        calls: the call of each job, if faults are to be described by calls.
    """

    jobs: int
    diagnostics: tuple[Diagnostic, ...]
    root: Path
    runs: tuple[RunOutlook, ...] | None = None
    calls: tuple[JobCall, ...] = ()
    _secrets: SecretSpans = field(init=False, repr=False, compare=False)
    _lines: dict[str, list[str]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _shown: dict[tuple[object, ...], MaskedText] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        secrets = SecretSpans.told_by(self.diagnostics)
        object.__setattr__(self, "diagnostics", concealed(self.diagnostics, secrets))
        object.__setattr__(self, "_secrets", SecretSpans.told_by(self.diagnostics))

    @classmethod
    def of_folders(cls, reports: Mapping[str, Report]) -> Report:
        """The reports of several folders of configs as one; a call in any but the first is told with its folder."""
        (_, first), *others = reports.items()
        if not others:
            return first
        diagnostics, calls = [*first.diagnostics], [*first.calls]
        for folder, report in others:
            shift = len(calls)
            diagnostics += [
                replace(found, jobs=tuple(shift + job for job in found.jobs)) for found in report.diagnostics
            ]
            calls += [replace(call, primary=f"{folder}/{call.primary}") for call in report.calls]
        return cls(
            jobs=sum(report.jobs for report in reports.values()),
            diagnostics=tuple(merge_jobs(diagnostics)),
            root=first.root,
            calls=tuple(calls),
        )

    @property
    def errors(self) -> int:
        return sum(diagnostic.is_error for diagnostic in self.diagnostics)

    @property
    def warnings(self) -> int:
        return len(self.diagnostics) - self.errors

    def at_fault(self, diagnostic: Diagnostic) -> str | None:
        """The option, experiment or override that a fault belongs to, as in `with model=vae`; None if all calls have it."""
        return belongs_to(diagnostic.jobs, self.calls)

    def source_line(self, place: Place) -> str | None:
        """The source line of a place; None if it cannot be read."""
        if place.override is not None:
            return place.override
        if place.file is None or place.line is None:
            return None
        if place.file not in self._lines:
            self._lines[place.file] = _lines_of(self.root / place.file)
        lines = self._lines[place.file]
        return lines[place.line - 1].removeprefix("\ufeff") if place.line <= len(lines) else None

    def shown_line(self, place: Place) -> MaskedText | None:
        """The source line of a place, with credentials masked."""
        line = self.source_line(place)
        if line is None:
            return None
        # once for all faults of a line, which may be thousands in a long one
        key = (place.origin, place.file, place.override, place.line)
        if key not in self._shown:
            self._shown[key] = masked_line(line, place, self._secrets)
        return self._shown[key]


def _lines_of(file: Path) -> list[str]:
    """The lines of a file; empty if it cannot be read."""
    try:
        return read_plain_file(file, _LARGEST_SOURCE).decode("utf-8", "replace").splitlines()
    except OSError:
        return []


Renderer = Callable[[Report], str]
