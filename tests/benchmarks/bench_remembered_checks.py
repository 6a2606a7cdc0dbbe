"""How long a check takes under which nothing has changed, and one under which little has."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.digits import check, digits_example
from tests.benchmarks.processes import Command, alternate, ratio, run, shown
from tests.benchmarks.row import Row
from tests.benchmarks.study import write_study

_MICROSECONDS = 1_000_000
_A_FILE_US = 30
_EDITED = 120


def rows() -> Iterator[Row]:
    """A call, whole projects of 120 and of 1,000 options."""
    with digits_example() as example:
        time.sleep(0.1)
        call = check(example, "train", remembered=True)
        run(call)
        bare = Command((sys.executable, "-c", "import hydra, omegaconf, pydantic"), example)
        remembered, python, imports = alternate(call, _python(example), bare)
    value, beside = ratio(remembered, python)
    yield Row("unchanged check / `python -c pass`", shown(remembered, python), value, 4, beside=beside)
    value, beside = ratio(remembered, imports)
    yield Row("the same / importing hydra, omegaconf, pydantic", shown(imports), value, 0.333, beside=beside)
    for options in (120, 1000):
        with TemporaryDirectory() as folder:
            root = Path(folder) / "study"
            _add_models(root, options - write_study(root))
            time.sleep(0.1)
            project = check(root, remembered=True)
            run(project)
            remembered, python = alternate(project, _python(root))
            if options == _EDITED:
                edited, first = alternate(_edited(root), check(root))
                value, beside = ratio(edited, first)
                name = f"one option of {options} edited / first warm check of all"
                yield Row(name, shown(edited, first), value, 0.6, beside=beside)
        spent_s = remembered.wall_s - 4 * python.wall_s
        yield Row(
            f"unchanged project of {options} options: beyond 4 x `python -c pass`, a file",
            shown(remembered, python),
            max(0.0, spent_s) * _MICROSECONDS / options,
            _A_FILE_US,
            " us",
        )


def _edited(root: Path) -> Command:
    """A check of the whole project after one of its options has changed."""
    option = root / "study" / "config" / "model" / "model_3.yaml"
    check_it = check(root, remembered=True)
    line = f'echo "# edited" >> {option} && exec "$0" "$@"'
    return Command(("sh", "-c", line, *check_it.arguments), root, check_it.environment)


def _python(folder: Path) -> Command:
    return Command((sys.executable, "-c", "pass"), folder)


def _add_models(root: Path, count: int) -> None:
    models = root / "study" / "config" / "model"
    for number in range(count):
        shutil.copy(models / f"model_{number % 40}.yaml", models / f"more_{number}.yaml")
