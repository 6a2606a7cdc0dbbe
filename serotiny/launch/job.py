"""One compiled job as the task of a Hydra job: in its folder, with the values that only a running job knows."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from serotiny.compiler.plan.plan import Plan
from serotiny.compiler.plan.versions import other_versions
from serotiny.compiler.project import Project
from serotiny.compiler.project.environment import added_variables
from serotiny.compiler.validation.hosts import STORES, trusted_hosts
from serotiny.credentials.known import KnownSecrets
from serotiny.credentials.log_filter import mask_logs
from serotiny.diagnostics import SerotinyError
from serotiny.filesystem import replace_file
from serotiny.launch.job_values import with_job_values
from serotiny.launch.resolvers import register_resolvers
from serotiny.ml_ops.instantiation import make_importable
from serotiny.ml_ops.job import JobResult
from serotiny.ml_ops.run import run
from serotiny.plain_config import is_within, join, leaves
from serotiny.schemas.rules.locations import (
    fault_of_checkpoint_path,
    fault_of_input_path,
    fault_of_tracking_uri,
    is_trusted_host,
)
from serotiny.schemas.rules.user_hosts import add_variables, trust_hosts

if TYPE_CHECKING:
    from serotiny.ml_ops.rehearsal.rehearse import Rehearsal

_log = logging.getLogger(__name__)


class MisplacedError(SerotinyError):
    """A value that is known only inside a job names a place that a config may not name."""


def run_job(project: Project, plan: Plan, config: DictConfig, parent_run_id: str | None = None) -> JobResult:
    """Run a plan as the task of a Hydra job.

    Args:
        project: whose modules the config may name, installed or not.
        plan: compiled and free of errors.
        config: the config as composed, which only resolves what is known inside a job.
        parent_run_id: the run of the sweep in which the job's run is nested.

    Raises:
        RunRefusedError: the run may not start (SER4xx).
        SerotinyError: the job failed, or the tracking store cannot be reached.
    """
    ready, run_dir = _ready(project, plan, config)
    return run(ready, run_dir, parent_run_id=parent_run_id)


def rehearse_job(project: Project, plan: Plan, config: DictConfig, *, tries_larger: bool) -> Rehearsal:
    """Rehearse the plan of a training as the task of a Hydra job, in the job's folder.

    Args:
        project, plan, config: as in `run_job`.
        tries_larger: also train on larger batches, if there is a GPU.

    Raises:
        ShapeError: a batch does not fit the model.
        SerotinyError: the job fails.
    """
    from serotiny.ml_ops.rehearsal.rehearse import rehearse

    return rehearse(*_ready(project, plan, config), tries_larger=tries_larger)


def _ready(project: Project, plan: Plan, config: DictConfig) -> tuple[Plan, Path]:
    """The plan with the values that only the job knows, and its folder; imports and the masking of logs are set up."""
    add_variables(added_variables(project))  # a launcher's process may lack them
    make_importable(project.import_paths, project.script_folders)
    trust_hosts(project.trusted_hosts)
    run_dir = Path(HydraConfig.get().runtime.output_dir)
    secrets = KnownSecrets.between(plan.config, plan.logged_config)
    _mask_what_hydra_saved(run_dir, secrets)
    mask_logs(secrets)
    for difference in other_versions(plan.versions):
        _log.warning("the versions differ from those of the plan: %s", difference)
    register_resolvers(plan, project)
    whole = with_job_values(plan, config)
    _refuse_misplaced(whole, project)
    return whole, run_dir


def _refuse_misplaced(plan: Plan, project: Project) -> None:
    """Check the locations that only a running job knows, and once more those of files.

    The compiler has told the others; but whoever wrote a config may have silenced that by a comment in it, where the
    project's own table has not.

    Raises:
        MisplacedError: a config may not name one of them.
    """
    root = PurePosixPath(project.root)
    address = plan.config.get("mlflow", {}).get("tracking_uri")
    checkpoint = plan.config.get("ckpt_path")
    manifest = _manifest_of(plan.config.get("data"))
    is_judged = _is_told(project, "SER309")
    if isinstance(address, str):
        is_new = "mlflow.tracking_uri" in plan.job_keys
        is_file = address.lower().startswith("sqlite")
        fault = fault_of_tracking_uri(address, root) if is_new or (is_file and is_judged) else None
        if fault is not None:
            raise MisplacedError(f"`mlflow.tracking_uri` {fault}")
    for key, store in _stores_of_the_job(plan):
        if not is_trusted_host(store, trusted_hosts(project)):
            raise MisplacedError(f"`{key}` names a host that is not in `trusted_hosts` of [tool.serotiny]")
    if isinstance(checkpoint, str) and ("ckpt_path" in plan.job_keys or is_judged):
        fault = fault_of_checkpoint_path(checkpoint, root)
        if fault is not None:
            raise MisplacedError(f"`ckpt_path` {fault}")
    if manifest is not None and _is_told(project, "SER320"):
        fault = fault_of_input_path(manifest, root)
        if fault is not None:
            raise MisplacedError(f"the manifest of `data.path` {fault}")


def _stores_of_the_job(plan: Plan) -> Iterator[tuple[str, str]]:
    """The addresses of MLflow's stores that only the job knows, that of a logger among them, by their keys."""
    for keys, value in leaves(plan.config):
        if is_within(keys, plan.job_keys) and keys[-1] in STORES and isinstance(value, str):
            yield join(keys), value


def _manifest_of(data: Any) -> str | None:
    """What one of serotiny's own data modules is to read."""
    if not isinstance(data, Mapping) or not str(data.get("_target_")).startswith("serotiny."):
        return None
    path = data.get("path")
    return path if isinstance(path, str) else None


def _is_told(project: Project, code: str) -> bool:
    """Whether the project's own table wants to be told of it, wherever it is."""
    in_files = (codes for _, codes in project.leniency.per_file_ignores)
    return project.leniency.tells(code, None) and not any(map(code.startswith, in_files))


def _mask_what_hydra_saved(run_dir: Path, secrets: KnownSecrets) -> None:
    """Mask the secrets in the config files that Hydra has written to the job's folder before the job starts."""
    for file in (*run_dir.glob(".hydra/*.yaml"), run_dir.parent / "multirun.yaml"):
        if file.is_file() and (masked := secrets.mask(text := file.read_text("utf-8"))) != text:
            replace_file(file, masked)
