"""Compile every config of a project, and every option of every group where it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from serotiny.collector import NoCollection
from serotiny.compiler.compile import Compiler
from serotiny.compiler.composition.compose import is_about_hydra
from serotiny.compiler.composition.sweep_settings import asks_for_sweep, sweeper_of
from serotiny.compiler.job import Compilation, Job, gather
from serotiny.compiler.sources.roots import find_roots
from serotiny.compiler.sources.search_path import with_parts_on_search_path, with_search_path
from serotiny.compiler.usage.calls import ProjectCalls
from serotiny.compiler.usage.defaults_graph import DefaultsGraph
from serotiny.compiler.usage.incomplete.excuses import Excuses
from serotiny.compiler.usage.outcome import Call, Outcome
from serotiny.compiler.usage.partners import OF_TWO, with_partners
from serotiny.diagnostics import Diagnostic

_MOST_SWEPT: Final = 50
"""The number of jobs of a sweep in a file that are compiled with a whole project; a check of the sweep compiles all."""

_SWEEP: Final = "--multirun"
"""What the call of a sweep ends with, behind its overrides."""

_OF_KEYS: Final = frozenset({"SER107", "SER301"})
"""The codes of faults in a key that another option may have."""


def compile_project(compiler: Compiler) -> Compilation:
    """Compile every primary config, and every option of every group where it is used.

    Returns:
        The jobs, and their diagnostics, without what is missing in a job that nobody would run as it is.
    """
    jobs: dict[Call, Job] = {}
    outcomes: dict[Call, Outcome] = {}

    def outcome(call: Call) -> Outcome:
        if call not in jobs:
            job = jobs[call] = compile_part(compiler, call, excuses)
            outcomes[call] = Outcome.of(job.resolved, job.diagnostics)
        return outcomes[call]

    with NoCollection():
        calls, excuses = project_calls(compiler, outcome)
        run: list[Job] = []
        for call in tuple(calls.run()):
            of_sweep = unfinished_sweep(call, outcomes[call])
            swept = () if of_sweep is None else compile_part(compiler, of_sweep, excuses).diagnostics
            run.append(replace(jobs[call], diagnostics=with_swept(jobs[call].diagnostics, swept)))
    return gather(run, compiler.unused_comments(job.silenced_by for job in jobs.values()))


def project_calls(compiler: Compiler, outcome: Callable[[Call], Outcome]) -> tuple[ProjectCalls, Excuses]:
    """What finds the calls of the whole project, and what is excused of their faults."""
    roots = find_roots(compiler.sources)
    with_parts = with_parts_on_search_path(compiler.sources, roots)
    graph = DefaultsGraph(with_parts)
    calls = ProjectCalls(graph=graph, roots=roots, compile_call=outcome)
    # a job may choose from all folders, also where other primary configs share them
    every = with_search_path(compiler.sources, roots)
    of_all = graph if every is with_parts else DefaultsGraph(every)
    return calls, Excuses(every, of_all, compiler.validator.code)


def compile_part(compiler: Compiler, call: Call, excuses: Excuses) -> Job:
    """Compile a call that a check of the whole project makes, without what others give in real ones.

    Of an unsound one what it sweeps over is only read: most of those are ways to choose an option of which another one is
    kept. Where it is kept, its `unfinished_sweep` is a further call, whose faults are those of the sweep alone.
    """
    primary, overrides = call
    if overrides[-1:] == (_SWEEP,):
        job = compiler.compile_primary(primary, overrides[:-1])
        return replace(job, diagnostics=tuple(_faults_of_params(compiler, job, _MOST_SWEPT)))
    job = compiler.compile_primary(primary, overrides)
    own = tuple(excuses.left_of(call, job.resolved, job.diagnostics))
    is_unsound = any(fault.is_error for fault in own)
    faults = (*own, *_faults_of_params(compiler, job, 0 if is_unsound else _MOST_SWEPT))
    silenced_by = job.silenced_by
    if any(fault.code in OF_TWO for fault in faults):
        for paired in with_partners(call, compiler.sources):
            other = compiler.compile_primary(*paired)
            silenced_by |= other.silenced_by
            if other.is_sound:  # the option fits one of the group that it does not go with by default
                faults = tuple(fault for fault in faults if fault.code not in OF_TWO)
                break
    return replace(job, diagnostics=faults, silenced_by=silenced_by)


def unfinished_sweep(call: Call, outcome: Outcome) -> Call | None:
    """The call of the sweep that `compile_part` left out of a call; None where it compiled all."""
    primary, overrides = call
    return (primary, (*overrides, _SWEEP)) if outcome.sweeps and outcome.errors else None


def with_swept(faults: tuple[Diagnostic, ...], swept: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The faults of a call with those of its sweep, each once."""
    return (*faults, *(fault for fault in swept if fault not in faults))


def _faults_of_params(compiler: Compiler, job: Job, most: int) -> list[Diagnostic]:
    """What is wrong in the values that a job's own settings sweep over (`hydra.sweeper.params`), where they stand.

    A key that is not there counts only where the call is a sweep by itself: others are added to what has it.

    Args:
        compiler: what compiled the job.
        job: whose settings are asked.
        most: how many jobs of the sweep are compiled; of none there are the faults of the sweep as it is written.
    """
    sweeper, is_sweep = sweeper_of(job.resolved.hydra), asks_for_sweep(job.resolved.hydra)
    places = {place for _, place in sweeper.params}
    # what is no value for Hydra may be one for a script that reads these itself
    malformed = sweeper.faults if is_sweep else ()
    # what another sweeper makes of its settings, also one that is not installed, is its own affair
    is_known = (sweeper.takes_all or sweeper.is_optuna) and not any(
        is_about_hydra(fault) for fault in job.composed.diagnostics
    )
    if not is_known or not (places or malformed):
        return []
    with_keys = frozenset() if is_sweep and not job.overrides else _OF_KEYS
    known = {(fault.code, fault.place) for fault in job.diagnostics}
    now = datetime.now().astimezone()
    found = compiler.compile_sweep(job.overrides, job.resolved, now, most).diagnostics
    return [
        replace(fault, jobs=())
        for fault in found
        if (fault.place in places or fault in malformed)
        and (fault.code, fault.place) not in known
        and fault.code not in with_keys
    ]
