"""Configs that may not be read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RUN = "import sys; from serotiny.cli.main import main; sys.exit(main())"
# to root all is readable, unless it gives that up
AS_ANYBODY = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


@pytest.mark.skipif(bool(AS_ANYBODY) and shutil.which("setpriv") is None, reason="root needs setpriv")
@pytest.mark.parametrize(
    ("folder", "status", "told"), [("model", 1, "SER104"), ("", 2, "study/config cannot be read")]
)
def test_a_folder_of_configs_that_may_not_be_read_is_told(
    tmp_path: Path, folder: str, status: int, told: str
) -> None:
    """The options of a group are missing, the whole folder is an error, and nothing breaks off."""
    config = tmp_path / "study/config"
    (config / "model").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.serotiny]\npackage = "study"\n')
    (config / "train.yaml").write_text("defaults: [model: net]\n")
    (config / "model/net.yaml").touch()
    (config / folder).chmod(0)
    check = [*AS_ANYBODY, sys.executable, "-c", RUN, "check", "config", "train", "--no-cache"]

    try:
        result = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)
    finally:
        (config / folder).chmod(0o755)

    assert (status, True) == (result.returncode, told in result.stdout + result.stderr)
