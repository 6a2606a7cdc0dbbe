"""One project while it is edited: its jobs, of which an edit recompiles only those that read the file."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from serotiny.compiler.compile import Compiler
from serotiny.compiler.defaults.memo import Expansions
from serotiny.compiler.job import Job
from serotiny.compiler.project import Project
from serotiny.compiler.project.config_files import SUFFIX, config_files_below
from serotiny.compiler.project.entry_points import EntryPoints
from serotiny.compiler.project_check.compile_project import compile_part, project_calls
from serotiny.compiler.queries.known_keys import KnownKeys
from serotiny.compiler.syntax.defaults_list import read_defaults
from serotiny.compiler.syntax.document import Document
from serotiny.compiler.tree import split
from serotiny.compiler.usage.defaults_graph import DefaultsGraph
from serotiny.compiler.usage.incomplete.excuses import Excuses
from serotiny.compiler.usage.outcome import Call, Outcome
from serotiny.compiler.validation.validate import Validator
from serotiny.diagnostics import Diagnostic, Origin, Place, merge_jobs
from serotiny.language_server.documents import DocumentStore, SharedSources

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CompiledJob:
    """A job and the files that it was compiled from."""

    job: Job
    files: frozenset[Path]


class Session:
    """A project's jobs between edits: each primary config, and each option where it is used.

    An edit marks the jobs that read the file as stale; `refresh` compiles those, one a step, so that its
    caller can stop when a newer edit arrives. Jobs that are compiled by then stay so.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._store = DocumentStore()
        self._memo = Expansions()
        self._jobs: dict[Call, CompiledJob] = {}
        self._kept: dict[
            Call, None
        ] = {}  # the jobs to report; others are only tried to find out what to compile
        self._stale: set[Call] = set()
        self._is_settled = False
        self._excuses: Excuses | None = None
        self._edited: Path | None = None
        self.reload_code()

    def edit(self, path: Path, text: str) -> None:
        """Read `text`, which the editor holds, in place of a file."""
        if self._store.unsaved.get(path) == text:
            return
        is_new = path not in self._store.unsaved and not path.is_file()
        self._store.unsaved[path] = text
        self._touch(path, is_new)

    def close(self, path: Path) -> None:
        """Read a file from disk again: the editor has closed it."""
        if self._store.unsaved.pop(path, None) is not None:
            self._touch(path, not path.is_file())

    def file_changed(self, path: Path) -> None:
        """Take note that a file on disk was written."""
        if path not in self._store.unsaved:
            self._touch(path, came_or_went=False)

    def files_changed(self) -> None:
        """Read and compile everything again: files were created or deleted."""
        self._store.forget_all()
        self._memo.forget()
        self._stale |= set(self._jobs)
        self._is_settled, self._excuses = False, None
        self._forget_entry_points()

    def reload_code(self) -> None:
        """Read signatures again: Python sources have changed."""
        self._forget_entry_points()
        self._validator = Validator.of_project(self.project)
        self.known_keys = KnownKeys(self._validator.reader)
        self._stale |= set(self._jobs)
        self._is_settled = False

    def _forget_entry_points(self) -> None:
        self.project = replace(self.project, found=EntryPoints(self.project.root))

    def _touch(self, path: Path, came_or_went: bool) -> None:
        self._store.forget(path)
        self._edited = path
        self._is_settled, self._excuses = False, None
        if came_or_went:
            self._store.forget_folders()
            self._memo.forget()
            self._stale |= set(self._jobs)
        else:
            self._stale |= {call for call, done in self._jobs.items() if path in done.files}

    @property
    def validator(self) -> Validator:
        return self._validator

    @property
    def sources(self) -> SharedSources:
        """The project's files, with the editor's texts in place of those on disk."""
        return SharedSources(self.project, self._store)

    @property
    def is_fresh(self) -> bool:
        """Whether every job is compiled from the current texts."""
        return self._is_settled and not self._stale

    def is_compiled(self, path: Path) -> bool:
        """Whether a job that reads a file is compiled from the current texts."""
        return any(call not in self._stale for call in self._calls_of(path))

    def refresh(self) -> Iterator[None]:
        """Compile what is stale, one job a step, those of the edited file first."""
        # the edited one is compiled before finding out which calls there are
        for call in sorted(self._stale & self._kept.keys(), key=self._urgency)[:1]:
            self._compile(call)
            yield
        tried: set[Call] = set()
        compiled = 0

        def outcome(call: Call) -> Outcome:
            nonlocal compiled
            tried.add(call)
            if call in self._stale or call not in self._jobs:
                self._compile(call)
                compiled += 1
            job = self._jobs[call].job
            return Outcome.of(job.resolved, job.diagnostics)

        calls, _ = project_calls(self._compiler(), outcome)
        kept: dict[Call, None] = {}
        for call in calls.run():
            kept[call] = self._kept[call] = None
            if compiled:
                compiled = 0
                yield
        self._jobs = {call: done for call, done in self._jobs.items() if call in tried}
        self._kept = kept
        self._stale &= tried
        self._is_settled = True

    def refresh_all(self) -> None:
        """Compile all that is stale."""
        for _ in self.refresh():
            pass

    def _urgency(self, call: Call) -> tuple[bool, Call]:
        """A sort key by which the call that chooses the edited option comes first."""
        name = self.config_path(self._edited) if self._edited is not None else None
        return (not _chooses(call, name or ""), call)

    def _compiler(self) -> Compiler:
        return Compiler(self.sources, self._validator, self._memo)

    def _compile(self, call: Call) -> None:
        self._store.reads()
        if self._excuses is None:
            self._excuses = Excuses(self.sources, DefaultsGraph(self.sources), self._validator.code)
            self._store.reads()  # the files that they read are not read for this job
        self._stale.discard(call)
        try:
            job = compile_part(self._compiler(), call, self._excuses)
        except Exception:  # a bug that one job meets must not hide the diagnostics of the others
            _logger.exception("`%s` cannot be compiled", " ".join((call[0], *call[1])))
            if call not in self._jobs:
                raise
            return
        self._jobs[call] = CompiledJob(job, self._store.reads())

    def compile_with(self, path: Path, text: str) -> Job | None:
        """Compile the job of a file with another text; the result is not kept."""
        call = self._call_for(path)
        if call is None:
            return None
        store = DocumentStore()
        store.unsaved = {**self._store.unsaved, path: text}
        for other in self._jobs[call].files - {path}:
            store.adopt(other, self._store.read(other, self.project.shown(other)))
        compiler = Compiler(SharedSources(self.project, store), self._validator, self._memo)
        return compiler.compile_job(*call)

    def config_path(self, path: Path) -> str | None:
        """The name of a file among the configs (`model/default`); None for a file elsewhere."""
        for folder in self.project.config_folders:
            if path.suffix == SUFFIX and path.is_relative_to(folder):
                return path.relative_to(folder).with_suffix("").as_posix()
        return None

    def document(self, path: Path) -> Document:
        """A file as parsed, with the editor's text where it holds one."""
        return self._store.read(path, self.project.shown(path))

    def config_files(self) -> list[Path]:
        """Every config of the project."""
        found = {path for folder in self.project.config_folders for path in config_files_below(folder)}
        found |= {path for path in self._store.unsaved if self.config_path(path) is not None}
        return sorted(found)

    def job_for(self, path: Path) -> Job | None:
        """The most telling job that reads a file, up to date: an operation, or else a call that chooses the file."""
        call = self._call_for(path)
        if call is None:
            return None
        if call in self._stale:
            self._compile(call)
        return self._jobs[call].job

    def _call_for(self, path: Path) -> Call | None:
        calls = self._calls_of(path)
        if not calls and not self.is_fresh:
            self.refresh_all()
            calls = self._calls_of(path)
        return min(calls, key=lambda call: (bool(call[1]), self._urgency_for(path, call)), default=None)

    def _calls_of(self, path: Path) -> list[Call]:
        return [call for call in self._kept if path in self._jobs[call].files]

    def _urgency_for(self, path: Path, call: Call) -> tuple[bool, int]:
        return (not _chooses(call, self.config_path(path) or ""), list(self._kept).index(call))

    def package_of(self, path: Path) -> tuple[str, ...]:
        """The package of a file: where its content is merged into the config."""
        name = self.config_path(path)
        call = self._call_for(path)
        if call is not None and name is not None:
            for config_path, package in self._jobs[call].job.composed.order:
                if config_path == name:
                    return split(package)
        return split((name or "").rpartition("/")[0].replace("/", "."))

    def diagnostics(self, only_fresh: Path | None = None) -> dict[Path, list[Diagnostic]]:
        """The diagnostics by file; one at an override that the session itself made is put at the option's file.

        Args:
            only_fresh: a file for which stale jobs are left out, since its lines have moved.
        """
        found: list[tuple[Path, Diagnostic]] = []
        for index, call in enumerate(self._kept):
            done = self._jobs[call]
            is_stale = call in self._stale
            for diagnostic in done.job.diagnostics:
                path, placed = self._place(replace(diagnostic, jobs=(index,)), call)
                if not (is_stale and path == only_fresh):
                    found.append((path, placed))
        read = {path for done in self._jobs.values() for path in done.files}
        # an open file that no job reads is checked by itself
        for path in self._store.unsaved:
            if path not in read and self.config_path(path) is not None:
                document = self.document(path)
                found += [(path, fault) for fault in (*document.diagnostics, *read_defaults(document)[1])]
        by_file: dict[Path, list[Diagnostic]] = {}
        for path, diagnostic in found:
            by_file.setdefault(path, []).append(diagnostic)
        return {path: merge_jobs(faults) for path, faults in by_file.items()}

    def only_with(self, diagnostic: Diagnostic) -> str | None:
        """The option that a fault depends on; None when an operation has it without one."""
        calls = list(self._kept)
        overrides = [calls[index][1] for index in diagnostic.jobs if index < len(calls)]
        if not overrides or not all(overrides):
            return None
        return " ".join(overrides[0])

    def _place(self, diagnostic: Diagnostic, call: Call) -> tuple[Path, Diagnostic]:
        place = diagnostic.place
        if place.origin is Origin.FILE and place.file is not None:
            return self.project.root / place.file, diagnostic
        primary, overrides = call
        name = overrides[-1].lstrip("+").replace("=", "/", 1) if overrides else primary
        path = self.sources.path_of(name) or self.sources.path_of(primary)
        if path is None:
            path = self.project.config_folders[0] / f"{primary}{SUFFIX}"
        start = Place(Origin.FILE, self.project.shown(path), line=1, column=1, end_line=1, end_column=1)
        return path, replace(diagnostic, place=start)


def _chooses(call: Call, config_path: str) -> bool:
    """Whether the only override of a call chooses the option of that path."""
    group, _, option = config_path.rpartition("/")
    return call[1] in ((f"{group}={option}",), (f"+{group}={option}",))
