"""What a person is told of a job that did not end well."""

from __future__ import annotations

import shlex
import traceback
from pathlib import Path

from serotiny.compiler.plan.plan import Plan
from serotiny.tracking.session import RunInfo

TRACEBACK_FILE = "traceback.txt"

_FOREIGN = frozenset({"site-packages", "dist-packages", ".venv", "venv"})


def failure_text(error: BaseException, headline: str, plan: Plan, run_dir: Path, info: RunInfo) -> str:
    """The error, the deepest place in the project that led to it, the run, and where to read on."""
    lines = [headline]
    frame = deepest_frame(error, Path(plan.project_root))
    if frame is not None:
        file = Path(frame.filename).relative_to(plan.project_root)
        lines.append(f"  at {file}:{frame.lineno} in {frame.name}")
        lines += [f"    {frame.line}"] if frame.line else []
    lines.append(f"  run {info.run_name} ({info.run_id})")
    written = run_dir / TRACEBACK_FILE
    lines += [f"  traceback {written}"] if written.is_file() else []
    return "\n".join(lines)


def deepest_frame(error: BaseException, root: Path) -> traceback.FrameSummary | None:
    """The innermost frame of an error, or of what caused it, in a file of the project's own."""
    chain: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in chain:
        chain.append(step)
        # as Python's own traceback goes on: `raise … from None` cuts the context off
        step = step.__cause__ or (None if step.__suppress_context__ else step.__context__)
    for link in reversed(chain):  # the first that went wrong
        frames = [frame for frame in traceback.extract_tb(link.__traceback__) if _is_own(frame, root)]
        if frames:
            return frames[-1]
    return None


def _is_own(frame: traceback.FrameSummary, root: Path) -> bool:
    file = Path(frame.filename)
    return file.is_relative_to(root) and not _FOREIGN.intersection(file.relative_to(root).parts)


def command_to_go_on(plan: Plan, info: RunInfo) -> str:
    """The command that goes on with a run whose name was made up."""
    name = f"mlflow.run_name={info.run_name}"
    return shlex.join(["serotiny", plan.operation, *plan.overrides, f"++{name}"])
