"""What a project's own code does with its configs: which resolvers it registers, what it instantiates with more."""

from serotiny.compiler.project_code.project_code import ProjectCode
from serotiny.compiler.project_code.supplies import Supply

__all__ = ["ProjectCode", "Supply"]
