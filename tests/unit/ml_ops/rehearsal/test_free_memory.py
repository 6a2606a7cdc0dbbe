"""The memory within the limits of a process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from serotiny.ml_ops.rehearsal.free_memory import free_memory, of_control_groups


@pytest.mark.parametrize(
    ("own", "folder", "names"),
    [
        ("0::/slurm/job_1/step_0", "slurm/job_1", ("memory.max", "memory.current", "inactive_file")),
        (
            "5:devices:/\n4:memory:/slurm/job_1/step_0",
            "memory/slurm/job_1",
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ),
    ],
)
def test_the_limits_of_all_groups_around_the_process_count(
    tmp_path: Path, own: str, folder: str, names: tuple[str, str, str]
) -> None:
    """A page that can be taken back is free; a group without a limit, or that is not seen from here, has none."""
    limit, used, reclaimable = names
    job, step, outside = (tmp_path / folder, tmp_path / folder / "step_0", (tmp_path / folder).parent)
    step.mkdir(parents=True)
    for group, limited_to in ((step, "max"), (job, "1000"), (outside, "5000")):
        (group / limit).write_text(f"{limited_to}\n")
        (group / used).write_text("700\n")
        (group / "memory.stat").write_text(f"anon 1\n{reclaimable} 50\n")
    (tmp_path / "own").write_text(f"{own}\n")
    assert [350, 4350] == of_control_groups(tmp_path, tmp_path / "own")
    assert [] == of_control_groups(tmp_path, tmp_path / "absent")


@pytest.mark.skipif(sys.platform != "linux", reason="no limit of the address space elsewhere")
def test_a_limit_of_the_address_space_counts() -> None:
    """As `ulimit -v` sets it, less what the process has."""
    code = (
        "import resource\n"
        "from serotiny.ml_ops.rehearsal.free_memory import free_memory\n"
        "before = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (before + 50_000_000,) * 2)\n"
        "print(free_memory(on_gpu=False))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 0 < int(done.stdout) <= 50_000_000


def test_without_a_limit_it_is_what_the_machine_has_left() -> None:
    """Some, and known."""
    assert (free_memory(on_gpu=False) or 0) > 0
