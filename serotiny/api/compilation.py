"""The result of compiling, for Python: jobs and diagnostics that can be shown, raised and run."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from serotiny.api.errors import CallError, ConfigError
from serotiny.compiler import job as compiled
from serotiny.compiler.project import Project
from serotiny.diagnostics.counts import counted
from serotiny.report.calls import JobCall
from serotiny.report.report import Report

if TYPE_CHECKING:
    from serotiny.api.plan import Plan

_JOBS_SHOWN = 20


@dataclass(frozen=True, repr=False)
class Compilation(compiled.Compilation):
    """The result of compiling. Errors are part of it, and are raised only by `raise_for_errors`, `plans` and `plan`.

    Attributes:
        project: the project; the files of diagnostics are relative to its root.
    """

    project: Project = field(kw_only=True)

    @classmethod
    def of(cls, plain: compiled.Compilation, project: Project) -> Compilation:
        """The compiler's result, with its project."""
        return cls(**{item.name: getattr(plain, item.name) for item in fields(plain)}, project=project)

    @property
    def report(self) -> Report:
        """The diagnostics as a report, which every format renders; credentials are masked."""
        calls = tuple(JobCall(job.composed.primary, job.overrides) for job in self.jobs)
        return Report(jobs=len(self.jobs), diagnostics=self.diagnostics, root=self.project.root, calls=calls)

    def raise_for_errors(self) -> None:
        """Raise the errors, if there are any; warnings are not raised.

        Raises:
            ConfigError: some job has an error.
        """
        if not self.is_sound:
            raise ConfigError(self.report)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The plan of each job.

        Raises:
            ConfigError: some job has an error.
        """
        from serotiny.api.plan import Plan

        self.raise_for_errors()
        return tuple(map(Plan.of_job, self.jobs))

    @property
    def plan(self) -> Plan:
        """The plan of the only job.

        Raises:
            ConfigError: it has an error.
            CallError: there are several jobs; `plans` has them.
        """
        plans = self.plans
        if len(plans) != 1:
            raise CallError(f"this call has {len(plans)} jobs, each with a plan of its own: see `plans`")
        return plans[0]

    def __str__(self) -> str:
        from serotiny.report.text import render_text

        return render_text(self.report)

    def __repr__(self) -> str:
        from serotiny.report.text import summary

        return f"<Compilation: {summary(self.report)}>"

    def _repr_html_(self) -> str:
        from serotiny.api.plan import call_text
        from serotiny.compiler.queries.explain import explain_tree
        from serotiny.report.html.config_tree import render_tree_html
        from serotiny.report.html.diagnostics import render_diagnostics_html
        from serotiny.report.html.elements import element, escaped, folded

        parts = [render_diagnostics_html(self.report)]
        for job in self.jobs[:_JOBS_SHOWN]:
            call = call_text(job.composed.primary, job.overrides)
            parts.append(folded(escaped(call), render_tree_html(explain_tree(job))))
        if len(self.jobs) > _JOBS_SHOWN:
            parts.append(element("p", f"and {counted(len(self.jobs) - _JOBS_SHOWN, 'job')} more", "faint"))
        return "".join(parts)
