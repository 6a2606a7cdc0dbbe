"""Compile calls and projects: what `serotiny check config` and `serotiny compile` do, for Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serotiny.api.compilation import Compilation
from serotiny.api.errors import CallError
from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import Project, find_project
from serotiny.diagnostics import did_you_mean
from serotiny.report.report import Report

if TYPE_CHECKING:
    from serotiny.cache.parts import Parts


def compile(
    operation: str,
    overrides: Sequence[str] = (),
    config_dir: str | PathLike[str] | None = None,
    *,
    multirun: bool = False,
    trusted: Sequence[str] = (),
) -> Compilation:
    """Compile what `serotiny OPERATION OVERRIDES` would run, without running or importing anything of it.

    Args:
        operation: `train`, `test`, `predict`, or another primary config.
        overrides: as on the command line, one text each: `["model=vae", "++trainer.max_epochs=5"]`.
        config_dir: a folder of configs, searched behind those of the project that the current folder is in;
            with it there need not be a project.
        multirun: whether values with commas are swept over, as with `-m`.
        trusted: packages that a `_target_` may come from, beside the usual ones and the project's.

    Returns:
        The jobs and everything that is wrong with them, which is not raised.

    Raises:
        CallError: there is no such operation, or `overrides` are no list of texts.
        ProjectError: there is no project here.
    """
    return compile_call(_project(config_dir, trusted), operation, overrides, multirun=multirun)


def check(
    operation: str | None = None,
    overrides: Sequence[str] = (),
    config_dir: str | PathLike[str] | None = None,
    *,
    multirun: bool = False,
    trusted: Sequence[str] = (),
) -> Compilation:
    """Compile every operation and every option of every group of the project, or with `operation` one call.

    The arguments are those of `compile`.

    Raises:
        CallError: there is no such operation, or `overrides` are given without one.
        ProjectError: there is no project here.
    """
    project = _project(config_dir, trusted)
    if operation is not None:
        return compile_call(project, operation, overrides, multirun=multirun)
    if overrides or multirun:
        raise CallError("overrides belong to an operation: name train, test or predict before them")
    return check_project(project)


def check_project(project: Project) -> Compilation:
    """Compile every operation and every option of every group of a project."""
    # most checks are of one call, which needs nothing of this
    from serotiny.compiler.project_check.compile_project import compile_project

    return Compilation.of(compile_project(Compiler.of_project(project)), project)


def project_report(project: Project, parts: Parts | None, beside: Sequence[Project] = ()) -> Report:
    """What `check_project` reports, from the jobs that an earlier call kept as far as they still hold.

    Args:
        project: the project.
        parts: the jobs of an earlier call, which are replaced by those of this one; None to keep none.
        beside: projects of other folders of configs, which are reported together with it.
    """
    from serotiny.compiler.project_check import check
    from serotiny.report.calls import JobCall

    earlier = (None if parts is None else parts.earlier()) or {}
    is_of_same_code = parts is not None and parts.is_of_same_code
    jobs: dict[str, Any] = {}
    reports: dict[str, Report] = {}
    for each in (project, *beside):
        folder = each.shown(each.config_folders[0])
        verdict = check.check_project(
            Compiler.of_project(each), earlier.get(folder), is_of_same_code=is_of_same_code
        )
        jobs[folder] = verdict.jobs
        reports[folder] = Report(
            jobs=len(verdict.calls),
            diagnostics=verdict.diagnostics,
            root=project.root,
            calls=tuple(JobCall(*call) for call in verdict.calls),
        )
    if parts is not None:
        parts.keep(jobs)
    return Report.of_folders(reports)


def compile_call(
    project: Project,
    operation: str,
    overrides: Sequence[str],
    *,
    multirun: bool = False,
    with_hydra: bool = False,
) -> Compilation:
    """Compile one call in a project; `with_hydra` when it is to run, which takes Hydra's own settings too.

    Raises:
        CallError: there is no such operation, or `overrides` are no list of texts.
    """
    if isinstance(overrides, str):
        raise CallError(f"overrides are a list, one text each: `[{overrides!r}]`")
    if isinstance(overrides, Mapping) or not all(isinstance(text, str) for text in overrides):
        raise CallError("overrides are a list, one text each: `['model=NAME', 'trainer.max_epochs=3']`")
    compiler = Compiler.of_project(project, with_hydra)
    if operation not in project.operations and compiler.sources.path_of(operation) is None:
        from serotiny.compiler.sources.roots import find_roots

        names = [*dict.fromkeys((*project.operations, *find_roots(compiler.sources)))]
        choice = f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "".join(names)
        meant = did_you_mean(operation, names)
        hint = f"; {meant}" if meant is not None else f": name {choice} first"
        raise CallError(f"`{operation}` is no operation{hint}")
    plain = compiler.compile_call(operation, tuple(overrides), multirun)
    return Compilation.of(plain, project)


def _project(config_dir: str | PathLike[str] | None, trusted: Sequence[str]) -> Project:
    return find_project(Path.cwd(), None if config_dir is None else Path(config_dir), tuple(trusted))
