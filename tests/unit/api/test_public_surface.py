"""What `import serotiny` gives, by name and by type."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, assert_type

import pytest

import serotiny

PUBLIC = [
    "Compilation",
    "ConfigError",
    "Diagnostic",
    "JobResult",
    "Plan",
    "SerotinyError",
    "check",
    "compile",
    "load_config",
    "load_datamodule",
    "load_model",
    "run",
]


def typed() -> None:
    """A type checker sees what the lazy names are; nothing here is run."""
    compilation = serotiny.compile("train", ["model=vae"], Path("config"), multirun=True, trusted=["study"])
    assert_type(compilation, serotiny.Compilation)
    assert_type(serotiny.check(), serotiny.Compilation)
    assert_type(compilation.diagnostics, tuple[serotiny.Diagnostic, ...])
    assert_type(compilation.plan, serotiny.Plan)
    assert_type(compilation.plan.instantiate("model"), Any)
    assert_type(serotiny.run(compilation.plan), serotiny.JobResult)
    assert_type(serotiny.load_config("sqlite:///mlflow.db", "0"), dict[str, Any])


def test_public_names_are_these() -> None:
    """`__all__` holds the public names and no others, and `dir` shows them."""
    assert PUBLIC == serotiny.__all__
    assert set(PUBLIC) <= set(dir(serotiny))


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name_is_documented(name: str) -> None:
    """Each public name can be had, and says what it is."""
    assert getattr(serotiny, name).__doc__


def test_other_name_is_an_attribute_error() -> None:
    """A name that is not there is told as any module tells it."""
    with pytest.raises(AttributeError, match="module 'serotiny' has no attribute 'complie'"):
        serotiny.complie  # noqa: B018


def test_importing_imports_nothing_else() -> None:
    """`import serotiny` adds itself to the modules of a Python that has just started, and nothing more."""
    probe = "import sys; before = {*sys.modules}; import serotiny; print(sorted({*sys.modules} - before))"

    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)

    assert "['serotiny']" == done.stdout.strip()
