"""Norms."""

from graphs_of_theirs.norms import GraphNorm

__all__ = ["GraphNorm"]
