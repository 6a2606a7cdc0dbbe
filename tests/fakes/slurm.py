"""A Slurm of one host: `sbatch`, `srun`, `scontrol requeue` and `sacct`, as far as submitit uses them.

Jobs start at once, with none of the caller's `TOY_*` variables, as with `sbatch --export=NONE`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
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
        file = Path(f"{script}.{index}.json")
        variables["SLURM_JOB_FILE"] = str(file)
        file.write_text(json.dumps([["bash", script], inherited | variables]))
        _start(file)
    print(f"Submitted batch job {job}")
    return 0


def _start(file: Path) -> None:
    command, environment = json.loads(file.read_text())
    # its own output has no reader once sbatch has ended
    quiet = subprocess.DEVNULL
    subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)


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
        own = {"SLURM_PROCID": str(rank), "SLURM_LOCALID": str(rank), "SLURM_STEP_PID": str(os.getpid())}
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


def scontrol(action: str, _job: str) -> int:
    """Start the job of the calling task again once all of its tasks have ended."""
    if action == "requeue":
        subprocess.Popen([sys.executable, __file__, "scontrol", "restart", _job], start_new_session=True)
        return 0
    while Path(f"/proc/{os.environ['SLURM_STEP_PID']}").exists():
        time.sleep(0.1)
    _start(Path(os.environ["SLURM_JOB_FILE"]))
    return 0


def sacct(*_: str) -> int:
    """The accounting knows of no job yet."""
    print("JobID|State|NodeList")
    return 0


_COMMANDS: dict[str, Callable[..., int]] = {
    "sbatch": sbatch,
    "srun": srun,
    "scontrol": scontrol,
    "sacct": sacct,
}

if __name__ == "__main__":
    sys.exit(_COMMANDS[sys.argv[1]](*sys.argv[2:]))
