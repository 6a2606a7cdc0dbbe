"""Measure what the design promises and print one table: `python -m tests.benchmarks [WORD]...`.

Each module of this folder that is named `bench_*` gives rows; words choose the modules whose name
has one of them. The exit status is 1 when a bar is missed.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from tests.benchmarks.row import Row, table


def main(words: list[str]) -> int:
    """Run the modules, print each row as it comes, then the table."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    chosen = [name for name in names if not words or any(word in name for word in words)]
    rows: list[Row] = []
    for name in chosen:
        for row in import_module(f"tests.benchmarks.{name}").rows():
            print(f"{name}: {row.name}: {row.verdict}", file=sys.stderr, flush=True)
            rows.append(row)
    print(table(rows))
    return 0 if all(row.is_met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
