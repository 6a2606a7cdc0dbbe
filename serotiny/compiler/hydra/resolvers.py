"""Hydra's own resolvers, for what OmegaConf resolves while a config is composed."""

from __future__ import annotations

from hydra.core.utils import setup_globals


def register_resolvers() -> None:
    """Register `hydra`, `now` and `python_version` with OmegaConf, as each job of Hydra does."""
    setup_globals()
