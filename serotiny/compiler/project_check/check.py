"""Check a whole project, compiling what no earlier check has told of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from serotiny.compiler.compile import Compiler, merged_faults
from serotiny.compiler.project_check.job_memory import JobMemory
from serotiny.compiler.project_check.judged_job import JudgedJob
from serotiny.compiler.sources.answers import digest_of
from serotiny.compiler.usage.calls import Call, Outcome
from serotiny.diagnostics import Diagnostic


@dataclass(frozen=True, kw_only=True)
class ProjectVerdict:
    """What is wrong in a project.

    Attributes:
        calls: what each of its jobs is compiled from, in order.
        diagnostics: each fault once, naming its jobs.
        compiled: the calls that were compiled for it; what is told of the others was remembered.
        jobs: for a later check, as JSON data.
    """

    calls: tuple[Call, ...]
    diagnostics: tuple[Diagnostic, ...]
    compiled: tuple[Call, ...]
    jobs: Any


def check_project(compiler: Compiler, earlier: Any) -> ProjectVerdict:
    """Judge every primary config, and every option of every group where it is used, as `compile_project` does.

    Args:
        compiler: one that has compiled nothing yet.
        earlier: the jobs of an earlier verdict, where all that they were read from besides configs is as it was.
    """
    asked = compiler.sources.note_questions()
    judged: dict[Call, JudgedJob] = {}
    compiled: list[Call] = []

    def outcome(call: Call) -> Outcome:
        if call not in judged:
            judged[call] = memory.recall(call) or compile_anew(call)
        return judged[call].outcome

    def compile_anew(call: Call) -> JudgedJob:
        compiled.append(call)
        asked.clear()
        before = givers.consulted
        made = compiler.compile_part(call, givers)
        job = JudgedJob.of(made)
        # what is wrong with a composition is told with a look at whatever has been read before
        if not made.composed.diagnostics:
            memory.keep(call, job, asked, hangs_on_names=givers.consulted != before)
        return job

    calls, givers = compiler.project_calls(outcome)
    names = digest_of((calls.graph.configs, tuple(sorted(calls.graph.groups))))
    memory = JobMemory(compiler.sources, names, earlier)
    run = tuple(calls.run())
    return ProjectVerdict(
        calls=run,
        diagnostics=merged_faults(
            [judged[call].diagnostics for call in run],
            compiler.unused_comments(job.silenced_by for job in judged.values()),
        ),
        compiled=tuple(compiled),
        jobs=memory.to_json(),
    )
