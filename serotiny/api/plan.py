"""A job without errors, for Python: its parts can be instantiated, and its config shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, get_args

from serotiny.api.errors import CallError, MissingPackageError
from serotiny.compiler.job import Job
from serotiny.compiler.plan import plan as compiled
from serotiny.credentials.detection import mask_source
from serotiny.diagnostics import Diagnostic

if TYPE_CHECKING:
    from serotiny.ml_ops.parts import Part


@dataclass(frozen=True, repr=False)
class Plan(compiled.Plan):
    """A compiled job without errors, as plain data, beside what it was compiled from.

    Attributes:
        job: the compiled job, in which each value knows where it was set.
    """

    job: Job = field(kw_only=True, compare=False)

    @classmethod
    def of_job(cls, job: Job) -> Plan:
        """The plan of a sound job."""
        plain = job.plan()
        return cls(**{item.name: getattr(plain, item.name) for item in fields(plain)}, job=job)

    def instantiate(self, part: Part) -> Any:
        """Make the job's `model`, `data` (its data module) or `trainer`; torch is imported only now.

        Every target in the plan was judged and checked when it was compiled. The config's `seed` is set
        before. The trainer has the callbacks, loggers and plugins that the config names and no others: what
        it does is not recorded in MLflow, which `serotiny.run` does.

        Raises:
            CallError: there is no such part.
            MissingPackageError: a package that the config names is not installed.
            JobError: the part could not be made; its message names the key and the reason.
        """
        from serotiny.ml_ops.instantiation import make_importable
        from serotiny.ml_ops.parts import Part, make_part

        if part not in get_args(Part):
            raise CallError(f"a plan has no part `{part}`: instantiate `model`, `data` or `trainer`")
        refuse_missing_packages(self.job.diagnostics)
        project = self.job.composed.project
        make_importable(project.import_paths, project.script_folders)
        return make_part(self, part)

    def __repr__(self) -> str:
        return f"<Plan: {call_text(self.operation, self.overrides)}>"

    def _repr_html_(self) -> str:
        from serotiny.compiler.queries.explain import explain_tree
        from serotiny.report.html.config_tree import render_tree_html

        return render_tree_html(explain_tree(self.job))


def call_text(operation: str, overrides: Iterable[str]) -> str:
    """A call as text, with credentials masked."""
    return " ".join((operation, *(mask_source(text).text for text in overrides)))


def refuse_missing_packages(diagnostics: Iterable[Diagnostic]) -> None:
    """Refuse to run a job whose packages are not installed, which is only a warning in a check.

    Raises:
        MissingPackageError: naming the packages.
    """
    missing = dict.fromkeys(found.message for found in diagnostics if found.code == "SER312")
    if missing:
        raise MissingPackageError(f"{'; '.join(missing)}: the job cannot run here")
