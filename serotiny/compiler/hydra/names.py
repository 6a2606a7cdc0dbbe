"""The names that are Hydra's own."""

from __future__ import annotations

HYDRA = "hydra"
"""The root key, and the group, of Hydra's own settings."""


def is_hydras(path: str) -> bool:
    """Whether a config or a group is about Hydra itself (`hydra/launcher`)."""
    return path.partition("/")[0] == HYDRA
