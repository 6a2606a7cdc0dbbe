"""The names that are Hydra's own."""

from __future__ import annotations

HYDRA = "hydra"
"""The root key, and the group, of Hydra's own settings."""

GROUPS = tuple(
    f"{HYDRA}/{name}"
    for name in (
        "callbacks",
        "env",
        "help",
        "hydra_help",
        "hydra_logging",
        "job_logging",
        "launcher",
        "output",
        "sweeper",
    )
)
"""Its groups; a fixed list, since finding them would import Hydra's plug-ins, which takes as long as a check."""


def is_hydras(path: str) -> bool:
    """Whether a config or a group is about Hydra itself (`hydra/launcher`)."""
    return path.partition("/")[0] == HYDRA
