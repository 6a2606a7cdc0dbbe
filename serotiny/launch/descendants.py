"""The processes that a process has started, and those that they have started."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path


def descendants(pid: int) -> list[int]:
    """Their numbers, children first; none where the system does not list its processes in `/proc`."""
    children = defaultdict(list)
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = file.read_text("utf-8", errors="replace")
        except OSError:  # it has ended
            continue
        # proc(5): the parent is field 4; the process name before it may contain spaces and brackets
        parent = text.rpartition(")")[2].split()[1]
        children[int(parent)].append(int(file.parent.name))
    found = [pid]
    for process in found:  # grows meanwhile
        found.extend(children[process])
    return found[1:]
