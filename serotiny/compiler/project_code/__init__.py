"""Read from a project's own source what it does with its configs: resolvers, added arguments, removed keys."""

from serotiny.compiler.project_code.project_code import ProjectCode
from serotiny.compiler.project_code.questions.subject import Subject
from serotiny.compiler.project_code.supplies import Supply

__all__ = ["ProjectCode", "Subject", "Supply"]
