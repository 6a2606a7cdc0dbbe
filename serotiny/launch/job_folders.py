"""The folders of a sweep's jobs below that of the sweep: which jobs would share one, and need a number in its name."""

from __future__ import annotations

from collections import Counter

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from serotiny.launch.compiled_jobs import CompiledJob, CompiledJobs, Key

NUMBER = "-${hydra.job.num}"

_OF_ONE_JOB = ("hydra.job.num", "hydra.job.id", "hydra.job.override_dirname", "hydra:job.")


def shared_folders(jobs: CompiledJobs) -> frozenset[Key]:
    """The planned jobs with the same `hydra.sweep.subdir` as another one, whose `.hydra` they would overwrite."""
    written = _as_written(jobs)
    if len(jobs.jobs) < 2 or any(name in written for name in _OF_ONE_JOB):
        return frozenset()
    if is_shared_by_all(jobs):
        return frozenset(jobs.jobs)
    names = {key: _folder(key, job) for key, job in jobs.jobs.items()}
    count = Counter(names.values())
    return frozenset(key for key, name in names.items() if name is not None and count[name] > 1)


def is_shared_by_all(jobs: CompiledJobs) -> bool:
    """Whether all jobs, also those of a sampling sweeper, have the same folder: its name holds no interpolation."""
    return "${" not in _as_written(jobs)


def _as_written(jobs: CompiledJobs) -> str:
    node = OmegaConf.to_container(jobs.common.hydra.sweep, resolve=False)
    assert isinstance(node, dict)
    return str(node["subdir"])


def _folder(key: Key, job: CompiledJob) -> str | None:
    """The name of a job's folder; None where only the running job knows it."""
    try:
        return str(OmegaConf.select(job.whole(key), "hydra.sweep.subdir"))
    except OmegaConfBaseException:
        return None
