"""What is imported as a check is read from where packages are installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from serotiny.compiler.checks.installed import installed_checks
from serotiny.targets import SignatureCache


def test_cache_that_somebody_else_wrote_names_nothing_to_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It only says which of the installed packages to look at; a file anywhere else counts for nothing."""
    folder = tmp_path / "elsewhere" / "evil-1.dist-info"
    folder.mkdir(parents=True)
    (folder / "entry_points.txt").write_text("[serotiny.checks]\nevil = evil_module:check\n")
    monkeypatch.setenv("SEROTINY_CACHE_DIR", str(tmp_path / "cache"))
    before = installed_checks(SignatureCache())
    (file,) = (tmp_path / "cache").rglob("*.json")
    entry = json.loads(file.read_text())
    entry["answer"]["files"] = [str(folder / "entry_points.txt")]
    entry["answer"]["found"] = [["evil", "evil_module:check"]]
    file.write_text(json.dumps(entry))

    assert () == installed_checks(SignatureCache())
    assert before == ()
