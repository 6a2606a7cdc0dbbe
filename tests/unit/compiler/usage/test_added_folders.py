"""Folders of configs that plug-ins add to Hydra's search path."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PLUGIN = """
from hydra.plugins.search_path_plugin import SearchPathPlugin


class Folders(SearchPathPlugin):
    def manipulate_search_path(self, search_path):
        search_path.append("folders", "pkg://shared.configs")
"""


@pytest.mark.parametrize(("added", "severity"), [("model/wide", "warning"), ("hydra/launcher/wide", "error")])
def test_option_may_be_in_a_folder_that_an_installed_plug_in_adds(
    tmp_path: Path, added: str, severity: str
) -> None:
    """Unless there are options of Hydra's own groups alone, as with those that color its log."""
    files = {
        "site/hydra_plugins/folders/__init__.py": PLUGIN,
        "site/shared/__init__.py": "",
        "site/shared/configs/__init__.py": "",
        f"site/shared/configs/{added}.yaml": "width: 3\n",
        "lab/setup.py": "",
        "lab/conf/config.yaml": "defaults: [{model: wide}]\n",
        "lab/conf/model/narrow.yaml": "width: 2\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    paths = os.pathsep.join((str(tmp_path / "site"), *filter(None, [os.environ.get("PYTHONPATH")])))
    process = subprocess.run(
        [sys.executable, "-m", "serotiny.cli.main", "check", "config", "config", "--format", "json"],
        cwd=tmp_path / "lab",
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )

    found = json.loads(process.stdout)["diagnostics"]
    assert [("SER104", severity)] == [(fault["code"], fault["severity"]) for fault in found]
