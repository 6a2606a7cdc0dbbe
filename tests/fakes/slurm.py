"""A Slurm of one host: `sbatch`, `srun` and `sacct`, as far as submitit uses them.

Jobs start at once, with none of the caller's `TOY_*` variables, as with `sbatch --export=NONE`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


def install(folder: Path) -> Path:
    """Write the commands to a folder, which belongs in front of `PATH`."""
    folder.mkdir()
    for name in _COMMANDS:
        command = folder / name
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" {name} "$@"\n')
        command.chmod(0o755)
    return folder


def sbatch(script: str) -> int:
    """Start the script for each job of its array, or once, in the background."""
    options = dict(re.findall(r"^#SBATCH --([\w-]+)=(.*)$", Path(script).read_text(), re.MULTILINE))
    job = os.getpid()
    last = re.match(r"0-(\d+)", options.get("array", ""))
    tasks = int(options.get("nodes", 1)) * int(options.get("ntasks-per-node", 1))
    for index in range(int(last.group(1)) + 1 if last else 1):
        variables = {
            "SLURM_JOB_ID": str(job + index),
            "SLURM_JOB_NAME": options["job-name"],
            "SLURM_NTASKS": str(tasks),
            "SLURM_NTASKS_PER_NODE": str(tasks),
            "SLURM_NNODES": "1",
            "SLURM_NODEID": "0",
            "SLURM_JOB_NODELIST": "127.0.0.1",
            "SLURM_NODELIST": "127.0.0.1",
        }
        if last:
            variables |= {"SLURM_ARRAY_JOB_ID": str(job), "SLURM_ARRAY_TASK_ID": str(index)}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TOY_")}
        # the script's own output has no reader once sbatch has ended
        quiet = subprocess.DEVNULL
        subprocess.Popen(["bash", script], env=inherited | variables, stdout=quiet, stderr=quiet)
    print(f"Submitted batch job {job}")
    return 0


def srun(*arguments: str) -> int:
    """Start the tasks of this job at once; the exit status is the largest of theirs."""
    given = list(arguments)
    files = {}
    while given[0].startswith("--"):
        option = given.pop(0)
        if option != "--unbuffered":
            files[option] = given.pop(0)
    tasks = []
    for rank in range(int(os.environ["SLURM_NTASKS"])):
        own = {"SLURM_PROCID": str(rank), "SLURM_LOCALID": str(rank)}
        output, error = (Path(_named(files[name], rank)) for name in ("--output", "--error"))
        with output.open("ab") as out, error.open("ab") as err:
            tasks.append(subprocess.Popen(given, env=os.environ | own, stdout=out, stderr=err))
    return max(abs(task.wait()) for task in tasks)


def _named(pattern: str, rank: int) -> str:
    """A file name with the job, the number in its array and the task in place of their letters."""
    values = {
        "%j": os.environ["SLURM_JOB_ID"],
        "%A": os.environ.get("SLURM_ARRAY_JOB_ID", ""),
        "%a": os.environ.get("SLURM_ARRAY_TASK_ID", ""),
        "%t": str(rank),
    }
    return re.sub("%[jAat]", lambda letter: values[letter.group()], pattern)


def sacct(*_: str) -> int:
    """The accounting knows of no job yet."""
    print("JobID|State|NodeList")
    return 0


_COMMANDS: dict[str, Callable[..., int]] = {"sbatch": sbatch, "srun": srun, "sacct": sacct}

if __name__ == "__main__":
    sys.exit(_COMMANDS[sys.argv[1]](*sys.argv[2:]))
