"""Assign the diagnostics of a project to its operations and options."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from serotiny.api.compilation import Compilation
from serotiny.compiler.sources.sources import Sources
from serotiny.report.report import Report


@dataclass(frozen=True)
class Blamed:
    """An operation or an option, with the diagnostics assigned to it.

    Attributes:
        name: as a call names it: `train`, `model=vae`.
        file: its config; None for an operation that serotiny provides.
        report: its own diagnostics.
    """

    name: str
    file: Path | None
    report: Report


@dataclass(frozen=True)
class _Suspect:
    name: str
    file: Path | None
    jobs: frozenset[int]


def blame(checked: Compilation) -> list[Blamed]:
    """Each operation and each option of a project that was checked as a whole, with its diagnostics.

    A diagnostic belongs to the operation or option in whose file it is, if a job with that file's own choice has
    it; otherwise to the one that was compiled when it occurred: an option that lacks what another config refers
    to is to blame, not the config that refers to it.
    """
    project = checked.project
    suspects = [*_operations(checked), *_options(checked)]
    bases = frozenset(index for index, job in enumerate(checked.jobs) if not job.overrides)
    found: dict[str, list[int]] = {suspect.name: [] for suspect in suspects}
    for number, diagnostic in enumerate(checked.diagnostics):
        jobs = set(diagnostic.jobs)
        owners = [
            suspect
            for suspect in suspects
            if suspect.file is not None
            and project.shown(suspect.file) == diagnostic.place.file
            and suspect.jobs & jobs
        ]
        compiled = jobs & bases or jobs
        for suspect in owners or [suspect for suspect in suspects if _is_of(suspect, compiled, checked)]:
            found[suspect.name].append(number)
    return [
        Blamed(
            suspect.name,
            suspect.file,
            Report(
                jobs=1,
                diagnostics=tuple(checked.diagnostics[number] for number in found[suspect.name]),
                root=project.root,
            ),
        )
        for suspect in suspects
    ]


def _is_of(suspect: _Suspect, compiled: set[int], checked: Compilation) -> bool:
    """Whether one of these jobs was compiled for this operation or option."""
    return any(_name(checked, index) == suspect.name for index in suspect.jobs & compiled)


def _name(checked: Compilation, index: int) -> str:
    job = checked.jobs[index]
    return job.overrides[-1].lstrip("+") if job.overrides else job.composed.primary


def _operations(checked: Compilation) -> Iterator[_Suspect]:
    sources = Sources(checked.project)
    for index, job in enumerate(checked.jobs):
        if not job.overrides:
            name = job.composed.primary
            yield _Suspect(name, sources.path_of(name), frozenset({index}))


def _options(checked: Compilation) -> Iterator[_Suspect]:
    """Every option with a file, and the jobs that take it: its own, or those in which it is chosen anyway."""
    sources = Sources(checked.project)
    for group in sources.groups():
        for option in sources.options(group):
            name = f"{group}={option}"
            chosen = {
                index
                for index, job in enumerate(checked.jobs)
                if (
                    _name(checked, index) == name
                    if job.overrides
                    else job.composed.choices.get(group) == option
                )
            }
            if chosen:
                yield _Suspect(name, sources.path_of(f"{group}/{option}"), frozenset(chosen))
