"""The config loader that Hydra is run with: it returns the compiled jobs and composes nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.object_type import ObjectType
from hydra.plugins.config_source import ConfigSource
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from serotiny.launch.compiled_jobs import CompiledJobs, Key
from serotiny.launch.job_folders import NUMBER, is_shared_by_all, shared_folders
from serotiny.launch.ranks import is_another_task


class PlanLoader(ConfigLoader):
    """Gives Hydra, its sweepers and its launchers the compiled jobs; launchers pickle it with each job.

    Args:
        jobs: the compiled jobs.
        options: the options of a group, which sweepers ask for to expand `glob(…)`.
    """

    def __init__(self, jobs: CompiledJobs, options: Callable[[str], tuple[str, ...]]) -> None:
        self._jobs = jobs
        self._options = options

    def load_configuration(
        self,
        config_name: str | None,
        overrides: list[str],
        run_mode: RunMode,
        from_shell: bool = True,
        validate_sweep_overrides: bool = True,
    ) -> DictConfig:
        """The config of a call's only job, or the one that the jobs of a sweep have in common."""
        config = self._jobs.common
        with read_write(config.hydra), open_dict(config.hydra):
            config.hydra.mode = run_mode
        return config

    def load_sweep_config(self, master_config: DictConfig, sweep_overrides: list[str]) -> DictConfig:
        """The config of one job of a sweep.

        A job that a sampling sweeper has chosen is compiled here, but only for its Hydra settings: it is
        compiled again, and refused if it has errors, when it starts.
        """
        key = tuple(sweep_overrides)
        planned = self._jobs.planned(key)
        job = planned or self._jobs.compile_sampled(key, number=0)[1]
        config = job.whole(key) if job is not None else master_config.copy()
        is_shared = key in self._shared_folders if planned else is_shared_by_all(self._jobs)
        with read_write(config.hydra), open_dict(config.hydra):
            config.hydra.overrides.task = list(key)
            config.hydra.mode = master_config.hydra.mode
            # the folder that was claimed for the whole sweep
            config.hydra.sweep.dir = str(master_config.hydra.sweep.dir)
            if is_shared:
                config.hydra.sweep.subdir += NUMBER
            if is_another_task():
                # the first task writes it, and takes secrets out of it
                config.hydra.output_subdir = None
        # so that `now` in the names of folders is the same moment for all jobs of a sweep
        OmegaConf.copy_cache(from_config=master_config, to_config=config)
        return config

    @cached_property
    def _shared_folders(self) -> frozenset[Key]:
        return shared_folders(self._jobs)

    def get_group_options(
        self,
        group_name: str,
        results_filter: ObjectType | None = ObjectType.CONFIG,
        config_name: str | None = None,
        overrides: list[str] | None = None,
    ) -> list[str]:
        return list(self._options(group_name))

    def get_search_path(self) -> ConfigSearchPath:
        raise NotImplementedError("there is nothing to search: the jobs are compiled")

    def get_sources(self) -> list[ConfigSource]:
        return []

    def list_groups(self, parent_name: str) -> list[str]:
        return []

    def compute_defaults_list(self, config_name: str | None, overrides: list[str], run_mode: RunMode) -> Any:
        raise NotImplementedError("there is nothing to compute: the jobs are compiled")
