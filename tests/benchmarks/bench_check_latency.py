"""How long `serotiny check config train` takes on the digits example, against importing what it needs."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tests.benchmarks.digits import check, digits_example
from tests.benchmarks.processes import Command, alternate, ratio, run, shown
from tests.benchmarks.row import Row


def rows() -> Iterator[Row]:
    """Warm and cold latency, and peak memory."""
    with digits_example() as example:
        imports = Command((sys.executable, "-c", "import hydra, omegaconf, pydantic"), example)
        warm_check = check(example, "train")
        run(warm_check)
        warm, cold, base = alternate(warm_check, check(example, "train", cold=True), imports)
    value, beside = ratio(warm, base)
    yield Row(
        "check, warm / importing hydra, omegaconf, pydantic", shown(warm, base), value, 1.5, beside=beside
    )
    value, beside = ratio(cold, base)
    yield Row("check, cold / the same", shown(cold, base), value, 5, beside=beside)
    peak = max(warm.peak_mib, cold.peak_mib)
    sizes = f"{warm.peak_mib:.0f} MiB warm, {cold.peak_mib:.0f} MiB cold"
    yield Row("check, peak memory", sizes, peak, 150, " MiB")
