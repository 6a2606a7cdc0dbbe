"""The memory that a job may still take."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final


def free_memory(*, on_gpu: bool) -> int | None:
    """The free memory of the current GPU, or of this machine within the limits of this process; in bytes.

    The limits are those of its control groups and of its address space (`ulimit -v`).
    """
    if on_gpu:
        import torch

        free, _ = torch.cuda.mem_get_info()
        return int(free) + torch.cuda.memory_reserved()
    found = [*_of(_machine), *_of(_address_space), *of_control_groups()]
    return max(0, min(found)) if found else None


def _of(source: Callable[[], int | None]) -> Iterator[int]:
    with suppress(OSError, ValueError, AttributeError, ImportError, StopIteration):
        known = source()
        if known is not None:
            yield known


def _machine() -> int:
    with suppress(OSError):
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        line = next(line for line in lines if line.startswith("MemAvailable:"))
        return int(line.split()[1]) * 1024
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _address_space() -> int | None:
    import resource  # not on Windows

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return None
    pages = Path("/proc/self/statm").read_text("ascii").split()[0]
    return limit - int(pages) * resource.getpagesize()


@dataclass(frozen=True)
class _Version:
    """How a version of Linux's control groups names what it tells of memory."""

    folder: str
    limit: str
    used: str
    reclaimable: str


_VERSIONS: Final = {
    "": _Version("", "memory.max", "memory.current", "inactive_file"),
    "memory": _Version("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
}
"""By the controller in `/proc/self/cgroup`, which has none for version 2."""


def of_control_groups(
    mounted: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")
) -> list[int]:
    """What each of the process's control groups, and of those around them, that has a limit may still take; in bytes.

    Args:
        mounted: the folder of control groups.
        own: the file that names those of the process, a line `NUMBER:CONTROLLER:/PATH` for each.
    """
    lines: list[str] = []
    with suppress(OSError, ValueError):
        lines = own.read_text("utf-8").splitlines()
    found: list[int] = []
    for line in lines:
        _, controller, path = line.split(":", 2)
        version = _VERSIONS.get(controller)
        if version is None:
            continue
        inner = PurePosixPath(path.lstrip("/"))
        for group in (inner, *inner.parents):
            with suppress(OSError, ValueError, KeyError):
                found.append(_left(mounted / version.folder / group, version))
    return found


def _left(group: Path, version: _Version) -> int:
    limit = int((group / version.limit).read_text("ascii"))  # `max` is no limit
    used = int((group / version.used).read_text("ascii"))
    told = dict(line.split() for line in (group / "memory.stat").read_text("ascii").splitlines())
    return limit - used + int(told[version.reclaimable])
