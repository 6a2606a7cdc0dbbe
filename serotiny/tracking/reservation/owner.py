"""The owner of a run: a process on a host, distinguished from later processes with the same number."""

from __future__ import annotations

import os
import re
import socket
import uuid
from dataclasses import dataclass
from pathlib import Path

_PID = re.compile("[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class Owner:
    """One process that claims or owns a run.

    Attributes:
        token: a random text, new for each claim, by which a process recognises its own claim.
        host: the host's name, for messages.
        pid: the process number, for messages.
        process: boot, process namespace, process number and start time as one text, or "" if the system does not
            provide them. Processes can be looked up only if boot and namespace are those of this process.
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
    """Whether the process with this identity has certainly ended: it ran on this host, and does not any more.

    False if it runs, if it belongs to another host (or container), or if this is not known.
    """
    pid = _number_here(process)
    return pid is not None and _process_identity(pid) != process


def is_alive_here(process: str) -> bool:
    """Whether the process with this identity certainly runs: on this host, with this number and start time."""
    pid = _number_here(process)
    return pid is not None and _process_identity(pid) == process


def _number_here(process: str) -> int | None:
    """The number of a process of this host; None if it is another host's, or no identity of a process."""
    where, _, which = process.rpartition("|")
    pid = which.partition("@")[0]
    # a tag or a file may hold any text
    return int(pid) if where and where == _host_identity() and _PID.fullmatch(pid) else None


def _process_identity(pid: int) -> str:
    host = _host_identity()
    start = _start_ticks(pid)
    return f"{host}|{pid}@{start}" if host and start else ""


def _host_identity() -> str:
    """Boot and process namespace, which are equal for processes whose numbers can be compared."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        namespace = os.readlink("/proc/self/ns/pid")  # noqa: PTH115  # a magic link, not a path
    except OSError:
        return ""
    return f"{boot}|{namespace}"


def _start_ticks(pid: int) -> str:
    """The start time of a process in clock ticks since boot; "" if it has ended or is a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()  # the process name before it may contain spaces and brackets
    # proc(5): the state is field 3, the start time field 22
    return "" if fields[0] in {"Z", "X"} else fields[19]
