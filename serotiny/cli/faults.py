"""Tell on stderr what is wrong with a call that is about something else than checking."""

from __future__ import annotations

import sys
from pathlib import Path

from serotiny.compiler.compile import Compilation
from serotiny.report.report import Report


def tell_faults(compilation: Compilation, root: Path) -> None:
    """Write what was found, if anything, as text."""
    if not compilation.diagnostics:
        return
    from serotiny.report.terminal import style_for
    from serotiny.report.text import render_text

    report = Report(len(compilation.jobs), compilation.diagnostics, root)
    sys.stderr.write(render_text(report, style_for(sys.stderr)))
