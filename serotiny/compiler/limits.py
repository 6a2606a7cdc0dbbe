"""How much a config may come to, so that no input takes all time or memory; beyond is a diagnostic.

Those of one YAML file (its bytes, depth and values) lie with its reading, in `syntax`.
"""

from __future__ import annotations

from typing import Final

MAX_INTERPOLATED_VALUES: Final = 100_000
"""Values that all interpolations of a job put in, each counted as often as it is put."""

MAX_INTERPOLATED_TEXT: Final = 1_000_000
"""Characters of one text that interpolations make."""

MAX_SWEEP_VALUES: Final = 10_000
"""Values of one argument of a sweep."""
