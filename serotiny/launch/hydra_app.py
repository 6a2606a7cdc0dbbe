"""Hydra's own application: job folders, logging, launchers and sweepers.

This is the only module that uses Hydra's private names to run jobs; `compiler.hydra` uses them to compose.
"""

from __future__ import annotations

import logging
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.hydra import Hydra
from hydra._internal.utils import create_config_search_path
from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, flag_override
from omegaconf.errors import OmegaConfBaseException

from serotiny.compiler.hydra.config_source import SerotinySource, source_path
from serotiny.compiler.hydra.errors import VERSION_BASE
from serotiny.compiler.hydra.plugins import installed_plugins
from serotiny.compiler.project import Project
from serotiny.credentials.known import KnownSecrets
from serotiny.diagnostics import JobError, SerotinyError
from serotiny.launch.compiled_jobs import CompiledJobs
from serotiny.launch.masked_output import masked_output
from serotiny.launch.plan_loader import PlanLoader
from serotiny.schemas.hydra_store import register

Task = Callable[[DictConfig], Any]
ClaimFolder = Callable[[Path, bool], Path]
"""Takes the folder that the config asks for, and whether its name comes from the time of the call; returns the folder
to use, which then belongs to this call alone."""

_BY_TIME = "${now:"
_REASON_LENGTH = 400


class HydraError(SerotinyError):
    """Hydra refused its own part of the configuration (`hydra.…`, a launcher, a sweeper)."""


class SweepError(JobError):
    """A sweeper or launcher cannot go on: every job failed, a study cannot be stored, a job was put back too often."""


@dataclass(frozen=True)
class HydraApp:
    """One call as a Hydra application in the project's root, over compiled jobs.

    Attributes:
        jobs: what to run.
        options: the options of a config group, which sweepers ask for to expand `glob(…)`.
        quiet: let Hydra and its launchers log errors alone.
    """

    jobs: CompiledJobs
    options: Callable[[str], tuple[str, ...]]
    quiet: bool = False

    def run(self, task: Task, claim: ClaimFolder) -> list[Any]:
        """Run one job in its own folder, and return the result of `task` in a list; what `task` raises is raised."""
        return [self._with_hydra(lambda hydra: hydra.run(self.jobs.primary, task, []).return_value, claim)]

    def sweep(self, task: Task, claim: ClaimFolder) -> list[Any]:
        """Run every job of the sweep through the configured sweeper and launcher.

        Returns:
            What `task` returned for each job; nothing when a sampling sweeper does not pass that on.

        Raises:
            SweepError: the sweeper or the launcher broke off.
        """
        try:
            batches = self._with_hydra(lambda hydra: hydra.multirun(self.jobs.primary, task, []), claim)
        except Exception as error:
            if isinstance(error, SerotinyError):
                raise
            # a job's own failure is not raised here, unless a sweeper optimizes
            who = "sweeper" if self.jobs.is_optimized else "launcher"
            # joblib's has paragraphs, and submitit's the log of the job
            reason = textwrap.shorten(str(error), _REASON_LENGTH, placeholder=" …")
            raise SweepError(
                f"the {who} broke off: {type(error).__name__}: {reason}; the same command goes on with what is left"
            ) from error
        return [job.return_value for batch in batches for job in batch] if isinstance(batches, list) else []

    def show(self, config: str, package: str | None, resolve: bool) -> None:
        """Print the job's, Hydra's or the whole config as Hydra does (`--cfg`)."""
        self._with_hydra(lambda hydra: hydra.show_cfg(self.jobs.primary, [], config, package, resolve))

    def _with_hydra(self, call: Callable[[Hydra], Any], claim: ClaimFolder | None = None) -> Any:
        loader = PlanLoader(self.jobs, self.options)
        plans = [job.plan for job in self.jobs.jobs.values()]
        secrets = KnownSecrets.between_all((plan.config, plan.logged_config) for plan in plans)
        with masked_output(secrets), _hydra_in(self.jobs.project) as start:
            hydra = start(self.jobs.primary, loader)
            hydra.claim, hydra.quiet = claim, self.quiet
            return call(hydra)


def show_info(
    project: Project, primary: str, overrides: Sequence[str], inserted: Sequence[str], subject: str
) -> None:
    """Print what Hydra itself finds out about plugins, search paths and defaults (`--info`)."""
    register()
    installed_plugins().register(SerotinySource)
    path = source_path(project, primary, inserted)
    with _hydra_in(project) as start:
        hydra = start(primary, ConfigLoaderImpl(create_config_search_path(path)))
        hydra.show_info(subject, primary, list(overrides))


@contextmanager
def _hydra_in(project: Project) -> Iterator[Callable[[str, ConfigLoader], _ClaimingHydra]]:
    """Start Hydra in the project's root, and clear its global state at the end.

    Raises:
        HydraError: it refused something.
    """

    def start(primary: str, loader: ConfigLoader) -> _ClaimingHydra:
        hydra = _ClaimingHydra(primary, loader)
        GlobalHydra.instance().initialize(hydra)
        return hydra

    version.setbase(VERSION_BASE)
    # Hydra refuses to be initialised twice, and other code of this process may have done so
    GlobalHydra.instance().clear()
    try:
        with chdir(project.root), _logging_restored():
            yield start
    except (HydraException, OmegaConfBaseException) as error:
        raise HydraError(_whole_message(error)) from error
    finally:
        GlobalHydra.instance().clear()


@contextmanager
def _logging_restored() -> Iterator[None]:
    """Restore the root logger's handlers and level at the end: Hydra replaces them, and a notebook needs its own."""
    root = logging.getLogger()
    before, level = [*root.handlers], root.level
    try:
        yield
    finally:
        for handler in set(root.handlers) - set(before):
            handler.close()
        root.handlers[:] = before
        root.setLevel(level)


class _ClaimingHydra(Hydra):
    """Hydra, which claims the job's folder before it writes there."""

    claim: ClaimFolder | None = None
    quiet = False

    def _print_debug_info(
        self, config_name: str | None, overrides: list[str], run_mode: RunMode = RunMode.RUN
    ) -> None:
        """Print with `hydra.verbose` how the config was composed; compiled jobs are not composed here."""
        if not isinstance(self.config_loader, PlanLoader):
            super()._print_debug_info(config_name, overrides, run_mode)

    def compose_config(self, *arguments: Any, **options: Any) -> DictConfig:
        """Compose, and replace the folder that the config asks for by the claimed one."""
        config = super().compose_config(*arguments, **options)
        if self.quiet:
            _quieten(config)
        # only the first time, and launchers pickle this object with each job
        claim, self.claim = self.claim, None
        if claim is None:
            return config
        is_sweep = config.hydra.mode == RunMode.MULTIRUN
        node = config.hydra.sweep if is_sweep else config.hydra.run
        is_named_by_time = _BY_TIME in str(OmegaConf.to_container(node, resolve=False))
        was_readonly = OmegaConf.is_readonly(config.hydra)
        HydraConfig.instance().set_config(config)  # `${hydra:…}` is looked up there
        folder = str(claim(Path(str(node.dir)), is_named_by_time))
        # which `set_config` has made read-only
        OmegaConf.set_readonly(config.hydra, was_readonly)
        with flag_override(config, ["struct", "readonly"], [False, False]):
            node.dir = folder
        return config


def _quieten(config: DictConfig) -> None:
    """Raise the level of Hydra's own log, also in the config, from which launchers configure logging again."""
    with flag_override(config, ["struct", "readonly"], [False, False]):
        root = OmegaConf.select(config, "hydra.hydra_logging.root")
        if isinstance(root, DictConfig):
            root.level = "ERROR"
    for handler in logging.getLogger().handlers:
        handler.setLevel(logging.ERROR)


def _whole_message(error: BaseException) -> str:
    parts: Sequence[str] = [str(error), str(error.__cause__ or "")]
    return "; ".join(part.strip().replace("\n", " ") for part in parts if part.strip())
