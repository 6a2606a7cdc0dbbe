"""The message to the user about a failed job."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from serotiny.compiler.plan.plan import Plan
from serotiny.ml_ops.lightning.blame import is_own, told_about
from serotiny.ml_ops.next_step import after_failure
from serotiny.ml_ops.record.outcome import TRACEBACK_FILE
from serotiny.tracking.session import RunInfo


def failure_text(error: BaseException, headline: str, plan: Plan, run_dir: Path, info: RunInfo) -> str:
    """The error and its cause, the innermost place in the project's code, the run, the traceback, and what to do next."""
    lines = [headline.rstrip()]
    found = _innermost(error, Path(plan.project_root))
    if found is not None:
        cause, frame = found
        first, *_ = str(cause).splitlines() or [""]
        if cause is not error and (not first or first not in headline):
            lines.append(f"  because of {type(cause).__name__}: {first}".removesuffix(": "))
        file = Path(frame.filename).relative_to(plan.project_root)
        lines.append(f"  at {file}:{frame.lineno} in {frame.name}")
        lines += [f"    {frame.line}"] if frame.line else []
    lines += [f"  {line}" for note in getattr(error, "__notes__", ()) for line in note.splitlines()]
    lines.append(f"  run {info.run_name} ({info.run_id})")
    written = run_dir / TRACEBACK_FILE
    lines += [f"  traceback {written}"] if written.is_file() else []
    lines.append(f"  next {after_failure(plan, run_dir, info)}")
    return "\n".join(lines)


def add_what_is_known(error: Exception, parts: Sequence[Any], root: Path) -> None:
    """Add to an error that no code of the project raised which method it is about, and what to do."""
    if deepest_frame(error, root) is None:
        for line in told_about(error, parts, root):
            error.add_note(line)


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
        frames = [
            frame for frame in traceback.extract_tb(link.__traceback__) if is_own(Path(frame.filename), root)
        ]
        if frames:
            return link, frames[-1]
    return None


def raised_by_code(error: BaseException) -> BaseException:
    """The error itself, or the `KeyboardInterrupt` of the job's code, of which Lightning makes an exit of its own."""
    context = error.__context__
    return context if isinstance(error, SystemExit) and isinstance(context, KeyboardInterrupt) else error
