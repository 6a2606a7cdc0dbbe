"""Who owns a run: a process on a host, told apart from a later one with the same number."""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Owner:
    """One process that claims or owns a run.

    Attributes:
        token: random, one for each claim; tells our own claim from everybody else's.
        host: the host's name, for people.
        pid: the process number, for people.
        process: host identity and process identity (boot, namespace, number, start time), or "" where
            the system does not tell; only equal values can be compared.
    """

    token: str
    host: str
    pid: int
    process: str

    @classmethod
    def this_process(cls) -> Owner:
        """A new claim of the calling process."""
        pid = os.getpid()
        return cls(uuid.uuid4().hex, socket.gethostname(), pid, _process_identity(pid))


def is_gone(process: str) -> bool:
    """Whether the process with this identity has certainly ended: it ran here, and is no more.

    False when it runs, when it belongs to another host (or container), or when nothing can be told.
    """
    where, _, which = process.rpartition("|")
    if not where or where != _host_identity():
        return False
    pid = int(which.split("@")[0])
    return _process_identity(pid) != process


def is_alive_here(process: str) -> bool:
    """Whether the process with this identity certainly runs: here, with this number and this start."""
    where, _, which = process.rpartition("|")
    if not where or where != _host_identity():
        return False
    return _process_identity(int(which.split("@")[0])) == process


def _process_identity(pid: int) -> str:
    host = _host_identity()
    start = _start_ticks(pid)
    return f"{host}|{pid}@{start}" if host and start else ""


def _host_identity() -> str:
    """Boot and process namespace: equal for exactly those processes whose numbers can be compared."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        namespace = os.readlink("/proc/self/ns/pid")  # noqa: PTH115  # a magic link, not a path
    except OSError:
        return ""
    return f"{boot}|{namespace}"


def _start_ticks(pid: int) -> str:
    """When the process started, in clock ticks since boot; "" when it is gone or only a zombie is left."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()  # the name before may hold spaces and brackets
    # proc(5): the state is field 3, the start field 22
    return "" if fields[0] in {"Z", "X"} else fields[19]
