"""Measure what the design promises and print one table: `python -m tests.benchmarks [WORD]...`.

Each module of this folder that is named `bench_*` gives rows; words choose the modules whose name
has one of them. Each has a process of its own, since the peak memory of a process counts from that of the
one that starts it. The exit status is 1 when a bar is missed.
"""

from __future__ import annotations

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.benchmarks.row import rows_of, table


def main(words: list[str]) -> int:
    """Run the modules, print each row as it comes, then the table."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    chosen = [name for name in names if not words or any(word in name for word in words)]
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=fresh, max_tasks_per_child=1) as processes:
        rows = [row for found in processes.map(rows_of, chosen) for row in found]
    print(table(rows))
    return 0 if all(row.is_met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
