"""The folders of a sweep's jobs below the sweep's own: each has one to itself."""

from __future__ import annotations

from collections import Counter

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from serotiny.launch.compiled_jobs import CompiledJob, CompiledJobs, Key

NUMBER = "-${hydra.job.num}"

_OF_ONE_JOB = ("hydra.job.num", "hydra.job.id", "hydra.job.override_dirname", "hydra:job.")


def shared_folders(jobs: CompiledJobs) -> frozenset[Key]:
    """The planned jobs whose `hydra.sweep.subdir` is that of another: one would write its `.hydra` over the other's."""
    written = _as_written(jobs)
    if len(jobs.jobs) < 2 or any(name in written for name in _OF_ONE_JOB):
        return frozenset()
    if is_shared_by_all(jobs):
        return frozenset(jobs.jobs)
    names = {key: _folder(key, job) for key, job in jobs.jobs.items()}
    count = Counter(names.values())
    return frozenset(key for key, name in names.items() if name is not None and count[name] > 1)


def is_shared_by_all(jobs: CompiledJobs) -> bool:
    """Whether any job would have that folder, those too that a sampling sweeper makes up."""
    return "${" not in _as_written(jobs)


def _as_written(jobs: CompiledJobs) -> str:
    node = OmegaConf.to_container(jobs.common.hydra.sweep, resolve=False)
    assert isinstance(node, dict)
    return str(node["subdir"])


def _folder(key: Key, job: CompiledJob) -> str | None:
    """The name that it comes to; None where only a running job can tell."""
    try:
        return str(OmegaConf.select(job.whole(key), "hydra.sweep.subdir"))
    except OmegaConfBaseException:
        return None
