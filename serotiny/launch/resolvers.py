"""Register in a job the resolvers of the project's code, by importing the modules that register them."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from omegaconf import OmegaConf

from serotiny.compiler.project import Project
from serotiny.compiler.project_code import ProjectCode
from serotiny.compiler.resolution.grammar import is_interpolated
from serotiny.diagnostics import JobError
from serotiny.plain_config import leaves

if TYPE_CHECKING:
    from serotiny.compiler.plan.plan import Plan

_NAMES: Final = re.compile(r"\$\{\s*([A-Za-z_][\w.]*)\s*:")


class ResolverError(JobError):
    """A resolver that the config uses is not there in the job."""


def register_resolvers(plan: Plan, project: Project) -> None:
    """Import the modules of the project's package that register the resolvers which the plan's values use.

    Raises:
        ResolverError: such a module cannot be imported, or registers nothing when it is.
    """
    names = {
        name for _, text in leaves(plan.config) if is_interpolated(text) for name in _NAMES.findall(text)
    }
    missing = frozenset(name for name in names if not OmegaConf.has_resolver(name))
    if not missing:
        return
    for file in ProjectCode.of_project(project, lambda _: None).resolvers.modules_of(missing):
        module = _module_of(file, project)
        if module is None:
            continue
        try:
            importlib.import_module(module)
        except (Exception, SystemExit) as error:
            raise ResolverError(
                f"{module}, which registers resolvers, cannot be imported: {error}"
            ) from error
    left = sorted(name for name in missing if not OmegaConf.has_resolver(name))
    if left:
        raise ResolverError(
            f"importing the modules of `{project.package}` does not register the resolver `{left[0]}`: register it "
            "at the top of one of them, not in a function that only a script of yours calls"
        )


def _module_of(file: Path, project: Project) -> str | None:
    """The dotted name of a module of the project's own package."""
    for base in sorted(project.import_paths, key=lambda path: -len(path.parts)):
        if file.is_relative_to(base):
            parts = file.relative_to(base).with_suffix("").parts
            if parts[0] == project.package and all(part.isidentifier() for part in parts):
                return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return None
