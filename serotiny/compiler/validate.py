"""Stage three: every value against the schema of its group and the signature of its target."""

from __future__ import annotations

from dataclasses import dataclass

from serotiny.compiler.project import Project
from serotiny.compiler.resolve import Resolved
from serotiny.compiler.validate_groups import validate_groups
from serotiny.diagnostics import Diagnostic


@dataclass(frozen=True)
class Validator:
    """Checks resolved configs of one project."""

    project: Project

    @classmethod
    def of_project(cls, project: Project) -> Validator:
        return cls(project)

    def validate(self, resolved: Resolved) -> list[Diagnostic]:
        """Everything that is wrong with one job's values: SER3xx and SER5xx."""
        return validate_groups(resolved, str(self.project.root))
