"""The message to the user about a failed job."""

from __future__ import annotations

import shlex
import traceback
from pathlib import Path

from serotiny.compiler.plan.plan import Plan
from serotiny.tracking.session import RunInfo

TRACEBACK_FILE = "traceback.txt"

_FOREIGN = frozenset({"site-packages", "dist-packages", ".venv", "venv"})


def failure_text(error: BaseException, headline: str, plan: Plan, run_dir: Path, info: RunInfo) -> str:
    """The error, what it was raised from, the innermost place in the project's code, the run, and the files with details."""
    lines = [headline]
    found = _innermost(error, Path(plan.project_root))
    if found is not None:
        cause, frame = found
        first, *_ = str(cause).splitlines() or [""]
        if cause is not error and (not first or first not in headline):
            lines.append(f"  because of {type(cause).__name__}: {first}".removesuffix(": "))
        file = Path(frame.filename).relative_to(plan.project_root)
        lines.append(f"  at {file}:{frame.lineno} in {frame.name}")
        lines += [f"    {frame.line}"] if frame.line else []
    lines.append(f"  run {info.run_name} ({info.run_id})")
    written = run_dir / TRACEBACK_FILE
    lines += [f"  traceback {written}"] if written.is_file() else []
    return "\n".join(lines)


def deepest_frame(error: BaseException, root: Path) -> traceback.FrameSummary | None:
    """The innermost frame in a file of the project, of an error or of its causes."""
    found = _innermost(error, root)
    return None if found is None else found[1]


def _innermost(error: BaseException, root: Path) -> tuple[BaseException, traceback.FrameSummary] | None:
    """The first of an error and its causes that passed through the project's code, and its innermost frame there."""
    chain: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in chain:
        chain.append(step)
        # the chain as in Python's traceback: `raise … from None` suppresses the context
        step = step.__cause__ or (None if step.__suppress_context__ else step.__context__)
    for link in reversed(chain):  # the original error first
        frames = [frame for frame in traceback.extract_tb(link.__traceback__) if _is_own(frame, root)]
        if frames:
            return link, frames[-1]
    return None


def raised_by_code(error: BaseException) -> BaseException:
    """The error itself, or the `KeyboardInterrupt` of the job's code, of which Lightning makes an exit of its own."""
    context = error.__context__
    return context if isinstance(error, SystemExit) and isinstance(context, KeyboardInterrupt) else error


def _is_own(frame: traceback.FrameSummary, root: Path) -> bool:
    file = Path(frame.filename)
    return file.is_relative_to(root) and not _FOREIGN.intersection(file.relative_to(root).parts)


def command_to_go_on(plan: Plan, info: RunInfo) -> str:
    """The command to resume a run whose name was generated."""
    name = f"mlflow.run_name={info.run_name}"
    return shlex.join(["serotiny", plan.operation, *plan.overrides, f"++{name}"])
