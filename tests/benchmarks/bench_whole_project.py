"""`serotiny check config` of a whole project of 120 options, with signatures known and unknown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.digits import check
from tests.benchmarks.processes import REPEATS, alternate, ratio, run, shown
from tests.benchmarks.row import Row
from tests.benchmarks.study import write_study


def rows() -> Iterator[Row]:
    """Warm against cold, and time an option."""
    with TemporaryDirectory() as folder:
        root = Path(folder) / "study"
        options = write_study(root)
        warm_check = check(root)
        run(warm_check)
        warm, cold = alternate(warm_check, check(root, cold=True), repeats=REPEATS - 2)
    value, beside = ratio(warm, cold)
    yield Row(
        f"whole project of {options} options, warm / cold", shown(warm, cold), value, 0.3, beside=beside
    )
    beside = f"{1000 * warm.processor_s / options:.3g} ms of processor time"
    yield Row("an option of it, warm", shown(warm), 1000 * warm.wall_s / options, 8, " ms", beside=beside)
    sizes = f"{warm.peak_mib:.0f} MiB warm, {cold.peak_mib:.0f} MiB cold"
    yield Row("whole project, peak memory", sizes, max(warm.peak_mib, cold.peak_mib), 150, " MiB")
