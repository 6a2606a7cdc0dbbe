"""The folder of the cache."""

from __future__ import annotations

import os
import sys

ENVIRONMENT_VARIABLE = "SEROTINY_CACHE_DIR"


def cache_folder() -> str:
    """`SEROTINY_CACHE_DIR`, or else the user's cache folder; it need not exist."""
    if chosen := os.environ.get(ENVIRONMENT_VARIABLE):
        return os.path.abspath(chosen)
    # as platformdirs does on Linux, but importing that takes longer than giving a cached answer
    if sys.platform == "linux":
        base = os.environ.get("XDG_CACHE_HOME", "").strip() or os.path.expanduser("~/.cache")
        return os.path.join(base, "serotiny")
    from platformdirs import user_cache_dir

    return user_cache_dir("serotiny", appauthor=False)
