"""The project that a command is about: its folders, its table, and the layout of its configs."""

from __future__ import annotations

from serotiny.compiler.project.layout import Layout
from serotiny.compiler.project.project import Project, ProjectError
from serotiny.compiler.project.search import find_project, projects_beside

__all__ = ["Layout", "Project", "ProjectError", "find_project", "projects_beside"]
