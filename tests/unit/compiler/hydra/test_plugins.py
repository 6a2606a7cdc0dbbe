"""Hydra's plugins come from where packages are installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TRAIN = "hydra:\n  run:\n    dir: runs\n"


def test_plugins_beside_a_config_are_not_imported(tmp_path: Path) -> None:
    """A folder `hydra_plugins` in the current folder is left alone, though Python would import it from there."""
    (tmp_path / "pyproject.toml").write_text('[tool.serotiny]\npackage = "study"\n')
    (tmp_path / "study" / "config").mkdir(parents=True)
    (tmp_path / "study" / "config" / "train.yaml").write_text(TRAIN)
    (tmp_path / "hydra_plugins" / "mine").mkdir(parents=True)
    canary = tmp_path / "canary"
    for file in ("__init__.py", "mine/__init__.py"):
        (tmp_path / "hydra_plugins" / file).write_text(f"open({str(canary)!r}, 'w')\n")
    program = "from serotiny.cli.main import main; main()"

    # with -c the current folder comes first on the path of modules
    command = [sys.executable, "-c", program, "check", "config", "train"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert "SER302" in found.stdout + found.stderr
    assert not canary.exists()
