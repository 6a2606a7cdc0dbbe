"""Print the diagnostics of commands other than `check`, on stderr."""

from __future__ import annotations

import sys

from serotiny.api.compilation import Compilation
from serotiny.report.report import Report


def tell_faults(compilation: Compilation) -> None:
    """Write what was found, if anything, as text."""
    if compilation.diagnostics:
        tell_report(compilation.report)


def tell_report(report: Report) -> None:
    """Write a report as text."""
    from serotiny.report.terminal import style_for
    from serotiny.report.text import render_text

    sys.stderr.write(render_text(report, style_for(sys.stderr)))
