"""How long the jobs of a sweep take to compile, against composing each with Hydra; how that grows."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import Project, find_project
from tests.benchmarks.row import Row
from tests.benchmarks.study import write_study

_REPEATS = 7
_SAMPLE = 20
_VALUES = ["seed=range({})", "mlflow.run_name=run-${{seed}}"]
_GROUPS = [
    "model=glob(model_?)",
    "data=glob(data_?)",
    "trainer=trainer_0,trainer_1",
    "seed=range(5)",
    "mlflow.run_name=a",
]


def rows() -> Iterator[Row]:
    """A thousand jobs that differ in values, a thousand that choose other options, ten thousand."""
    with TemporaryDirectory() as folder:
        root = Path(folder) / "study"
        write_study(root)
        project = find_project(root)
        values = [text.format(1000) for text in _VALUES]
        ours, hydra_s = _alternate(project, values, [f"seed={n}" for n in range(_SAMPLE)])
        yield _row("1,000 jobs over values / Hydra alone", ours, hydra_s, 1 / 50)
        chosen = [f"model=model_{n % 10}" for n in range(_SAMPLE)]
        ours_groups, hydra_s = _alternate(project, _GROUPS, chosen)
        yield _row("1,000 jobs over 3 groups and values / Hydra alone", ours_groups, hydra_s, 1 / 20)
        many = _compile_s(project, [text.format(10_000) for text in _VALUES])
        yield Row("10,000 jobs / 1,000 jobs", f"{many:.2f} s / {ours:.2f} s", many / ours, 11)
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        yield Row("the same, peak memory", f"{peak_mib:.0f} MiB", peak_mib, 500, " MiB")


def _row(name: str, ours_s: float, hydra_s: float, bar: float) -> Row:
    shown = f"{ours_s:.3f} s / 1,000 x {1000 * hydra_s:.1f} ms"
    return Row(name, shown, ours_s / (1000 * hydra_s), bar)


def _alternate(project: Project, sweep: list[str], calls: list[str]) -> tuple[float, float]:
    """Medians: seconds for all jobs of the sweep, and for Hydra to compose and resolve one."""
    pairs = [(_compile_s(project, sweep), _hydra_s(project, calls)) for _ in range(_REPEATS)]
    return median(ours for ours, _ in pairs), median(hydra for _, hydra in pairs)


def _compile_s(project: Project, sweep: list[str]) -> float:
    compiler = Compiler.of_project(project)
    compiler.compile_job("train", ())  # signatures are known, as in any second check
    start = time.perf_counter()
    compilation = compiler.compile_call("train", sweep, multirun=True)
    took_s = time.perf_counter() - start
    assert len(compilation.jobs) >= 1000, len(compilation.jobs)
    return took_s


def _hydra_s(project: Project, calls: list[str]) -> float:
    (folder,) = project.config_folders
    with initialize_config_dir(str(folder), version_base="1.3"):
        start = time.perf_counter()
        for call in calls:
            OmegaConf.to_container(compose("train", [call]), resolve=True)
        return (time.perf_counter() - start) / len(calls)
