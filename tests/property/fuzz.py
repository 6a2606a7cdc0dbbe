"""Look for input that the targets of `test_entry_points` do not bear: `python -m tests.property.fuzz SECONDS [TARGET…]`."""

from __future__ import annotations

import functools
import logging
import os
import sys
import tempfile
import time
from typing import Any

from hypothesis import settings

from tests import conftest  # noqa: F401  # has the profiles

_A_ROUND = 200
"""Examples after which the time is looked at."""


def main() -> None:
    """Give each target its seconds, and say how much it has tried; a finding ends it with a traceback."""
    seconds, *names = sys.argv[1:]
    logging.disable()  # pygls logs each message that it refuses
    # both are read while the targets are imported
    settings.load_profile("search")
    os.environ["SEROTINY_FUZZ_EXAMPLES"] = str(_A_ROUND)
    with tempfile.TemporaryDirectory(prefix="serotiny-fuzz-") as cache:
        os.environ["SEROTINY_CACHE_DIR"] = cache
        from tests.property import test_entry_points

        for name in names or [name for name in dir(test_entry_points) if name.startswith("test_")]:
            tried = _look(getattr(test_entry_points, name), float(seconds))
            print(f"{name}: {tried:,} examples in {seconds} s, nothing found", flush=True)


def _look(target: Any, seconds: float) -> int:
    """Call a target with ever new examples; returns how many it were."""
    tried = 0
    inner = target.hypothesis.inner_test

    @functools.wraps(inner)
    def counted(*arguments: Any, **keywords: Any) -> None:
        nonlocal tried
        tried += 1
        inner(*arguments, **keywords)

    target.hypothesis.inner_test = counted
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        target()
    return tried


if __name__ == "__main__":
    main()
