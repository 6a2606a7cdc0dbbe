"""atheris over one target of `test_entry_points`: `python -m tests.property.coverage_guided TARGET [libFuzzer's options]`.

atheris mutates bytes and keeps those that reach new branches; Hypothesis turns them into arguments of the target.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["serotiny"]):
    from tests.property import test_entry_points


def main() -> None:
    """Search until the time in libFuzzer's options is over; a finding ends it with status 77."""
    name, *options = sys.argv[1:]
    target = getattr(test_entry_points, name).hypothesis.fuzz_one_input
    atheris.Setup([sys.argv[0], *options], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
