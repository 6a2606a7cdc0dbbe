"""What a check does not import: that is what makes it quick."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "lightning", "pytorch_lightning", "mlflow", "pandas", "numpy")
OF_RARE_USE = ("hydra", "omegaconf", "antlr4", "pydantic")
"""Imports that take longer than all the rest of a check."""

PROBE = f"""
import json, sys
from serotiny.cli.main import main
status = main(sys.argv[1:])
loaded = sorted(set({(*HEAVY, *OF_RARE_USE)!r}) & set(sys.modules))
print(json.dumps([status, loaded]), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """A copy of the digits example, with a manifest of one row a split."""
    root = tmp_path_factory.mktemp("imports") / "digits"
    ignored = shutil.ignore_patterns("*.csv", "multirun", "outputs", "*.db", "mlruns", "__pycache__")
    shutil.copytree(repository / "examples" / "digits", root, ignore=ignored)
    (root / "data").mkdir(exist_ok=True)
    columns = ["id", *(f"pixel_{index}" for index in range(64)), "digit", "split"]
    rows = [",".join(["0", *["0"] * 64, "3", split]) for split in ("train", "valid", "test")]
    (root / "data" / "digits.csv").write_text("\n".join([",".join(columns), *rows]) + "\n")
    return root


def _check(folder: Path, *arguments: str) -> tuple[int, list[str]]:
    """The exit status, and what was imported of `HEAVY` and `OF_RARE_USE`."""
    process = subprocess.run(
        [sys.executable, "-c", PROBE, "check", "config", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    status, loaded = json.loads(process.stderr.splitlines()[-1])
    return status, loaded


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ((), 0),
        (("train",), 0),
        (("train", "-m", "model.beta=1,2", "mlflow.run_name=b-${model.beta}"), 0),
        (("train", "model.latent_dims=3", "model._target_=torch.nn.Linea", "data=none"), 1),
        (("train", "mlflow.run_name=a-${oc.env:HOME,x}-${now:%Y-%m-%d}", "trainer.max_epochs=3"), 0),
        (("--config-dir", "missing"), 2),
    ],
    ids=["project", "call", "sweep", "faults", "resolvers", "wrong-call"],
)
def test_a_check_of_any_kind_imports_nothing_heavy(
    project: Path, arguments: tuple[str, ...], status: int
) -> None:
    """Whatever is checked and whatever comes out, `sys.modules` stays light.

    Hydra is imported only where a call or a config says something about Hydra, as the next test does.
    """
    assert (status, []) == _check(project, *arguments)


def test_a_check_that_says_something_about_hydra_asks_hydra(project: Path) -> None:
    """The types of its settings are Hydra's own; torch and the like are not imported for them either."""
    assert (0, ["antlr4", "hydra", "omegaconf"]) == _check(project, "train", "hydra.job.chdir=true")


@pytest.mark.parametrize("name", ["text", "json", "github", "sarif"])
def test_a_report_in_any_format_imports_nothing_heavy(project: Path, name: str) -> None:
    """Rendering faults pulls nothing in either."""
    assert (1, []) == _check(project, "train", "model.latent_dims=3", "--format", name)


def test_a_cold_check_imports_nothing_heavy(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading every signature anew means reading source, not importing it."""
    monkeypatch.setenv("SEROTINY_CACHE_DIR", str(tmp_path))

    assert (0, []) == _check(project)
