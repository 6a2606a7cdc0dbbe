"""The folders of a sweep's jobs below the sweep's own: each has one to itself."""

from __future__ import annotations

from collections import Counter

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from serotiny.launch.compiled_jobs import CompiledJob, CompiledJobs, Key

_OF_ONE_JOB = ("hydra.job.num", "hydra.job.id", "hydra.job.override_dirname", "hydra:job.")
NUMBER = "-${hydra.job.num}"


def shared_folders(jobs: CompiledJobs) -> frozenset[Key]:
    """The planned jobs whose `hydra.sweep.subdir` is that of another: one would write its `.hydra` over the other's."""
    names = {key: _folder(key, job) for key, job in jobs.jobs.items() if not _is_of_one_job(_as_written(job))}
    count = Counter(names.values())
    return frozenset(key for key, name in names.items() if name is not None and count[name] > 1)


def is_shared_by_all(job: CompiledJob) -> bool:
    """Whether any job that a sampling sweeper makes up would have that folder."""
    return "${" not in _as_written(job)


def _as_written(job: CompiledJob) -> str:
    node = OmegaConf.to_container(job.hydra.hydra.sweep, resolve=False)
    assert isinstance(node, dict)
    return str(node["subdir"])


def _is_of_one_job(text: str) -> bool:
    return any(name in text for name in _OF_ONE_JOB)


def _folder(key: Key, job: CompiledJob) -> str | None:
    """The name that it comes to; None where only a running job can tell."""
    if is_shared_by_all(job):
        return _as_written(job)
    try:
        return str(OmegaConf.select(job.whole(key), "hydra.sweep.subdir"))
    except OmegaConfBaseException:
        return None
