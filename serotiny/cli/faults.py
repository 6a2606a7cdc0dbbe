"""Tell on stderr what is wrong with a call that is about something else than checking."""

from __future__ import annotations

import sys

from serotiny.api.compilation import Compilation


def tell_faults(compilation: Compilation) -> None:
    """Write what was found, if anything, as text."""
    if not compilation.diagnostics:
        return
    from serotiny.report.terminal import style_for
    from serotiny.report.text import render_text

    sys.stderr.write(render_text(compilation.report, style_for(sys.stderr)))
