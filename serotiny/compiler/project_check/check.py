"""Check a whole project, compiling only the jobs whose result is not cached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from serotiny.cache.questions import Noting
from serotiny.collector import NoCollection
from serotiny.compiler.compile import Compiler
from serotiny.compiler.job import merged_faults
from serotiny.compiler.project_check.answers import Answers
from serotiny.compiler.project_check.compile_project import (
    compile_part,
    project_calls,
    unfinished_sweep,
    with_swept,
)
from serotiny.compiler.project_check.job_memory import JobMemory
from serotiny.compiler.project_check.judged_job import JudgedJob
from serotiny.compiler.usage.outcome import Call, Outcome
from serotiny.diagnostics import Diagnostic


@dataclass(frozen=True, kw_only=True)
class ProjectVerdict:
    """The result of checking a project.

    Attributes:
        calls: the call of each of its jobs, in order.
        diagnostics: each fault once, with the jobs that have it.
        compiled: the calls that were compiled; the results of the others were cached.
        jobs: the jobs to pass to a later check, as JSON data.
    """

    calls: tuple[Call, ...]
    diagnostics: tuple[Diagnostic, ...]
    compiled: tuple[Call, ...]
    jobs: Any


def check_project(compiler: Compiler, earlier: Any, *, is_of_same_code: bool = False) -> ProjectVerdict:
    """Check every primary config, and every option of every group where it is used, as `compile_project` does.

    Args:
        compiler: a new compiler, which has compiled nothing yet.
        earlier: the `jobs` of an earlier verdict, whose inputs other than configs and code must be unchanged.
        is_of_same_code: whether the code that they depend on is known to be unchanged.
    """
    judged: dict[Call, JudgedJob] = {}
    compiled: list[Call] = []

    def outcome(call: Call) -> Outcome:
        if call not in judged:
            judged[call] = memory.recall(call) or compile_anew(call)
        return judged[call].outcome

    def diagnostics(call: Call) -> tuple[Diagnostic, ...]:
        of_sweep = unfinished_sweep(call, judged[call].outcome)
        swept = () if of_sweep is None else (memory.recall(of_sweep) or compile_anew(of_sweep)).diagnostics
        return with_swept(judged[call].diagnostics, swept)

    def compile_anew(call: Call) -> JudgedJob:
        compiled.append(call)
        excuses.givers.consulted.clear()
        with Noting() as asked:
            made = compile_part(compiler, call, excuses)
        job = JudgedJob.of(made)
        memory.keep(call, job, asked, frozenset(excuses.givers.consulted))
        return job

    with NoCollection():
        calls, excuses = project_calls(compiler, outcome)
        memory = JobMemory(
            Answers.of(compiler), excuses.givers.digests(), earlier, is_of_same_code=is_of_same_code
        )
        run = tuple(calls.run())
        faults = [diagnostics(call) for call in run]
    return ProjectVerdict(
        calls=run,
        diagnostics=merged_faults(
            faults,
            compiler.unused_comments(job.silenced_by for job in judged.values()),
        ),
        compiled=tuple(compiled),
        jobs=memory.to_json(),
    )
