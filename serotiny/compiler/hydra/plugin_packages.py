"""The distributions to install for the options that plug-ins add to Hydra's groups."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PLUGIN_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "hydra/launcher/joblib": "hydra-joblib-launcher",
        "hydra/launcher/ray": "hydra-ray-launcher",
        "hydra/launcher/ray_aws": "hydra-ray-launcher",
        "hydra/launcher/rq": "hydra-rq-launcher",
        "hydra/launcher/submitit_local": "hydra-submitit-launcher",
        "hydra/launcher/submitit_slurm": "hydra-submitit-launcher",
        "hydra/sweeper/ax": "hydra-ax-sweeper",
        "hydra/sweeper/nevergrad": "hydra-nevergrad-sweeper",
        "hydra/sweeper/optuna": "hydra-optuna-sweeper",
        "hydra/hydra_logging/colorlog": "hydra-colorlog",
        "hydra/job_logging/colorlog": "hydra-colorlog",
    }
)
"""Option → distribution."""
