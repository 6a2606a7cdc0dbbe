"""Hostile and harmless configurations, by class: what is refused, and that checking executes nothing."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.validation.validate import Validator
from serotiny.report.formats import Format, renderer_of
from serotiny.report.report import Report

DOCUMENT = yaml.safe_load((Path(__file__).parents[2] / "cases" / "hostile.yaml").read_text("utf-8"))
CONFIGS = [case for case in DOCUMENT["cases"] if case.get("kind") != "checkpoint"]

MODELS = """
import pytorch_lightning as pl


class Tiny(pl.LightningModule):
    def __init__(self, width: int, net=None, optimizer=None):
        super().__init__()


class RandomData(pl.LightningDataModule):
    pass
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose root also holds a module that tells when it is imported."""
    root = tmp_path_factory.mktemp("study")
    package = root / "study_pkg"
    (package / "config").mkdir(parents=True)
    (root / "pyproject.toml").write_text('[tool.serotiny]\npackage = "study_pkg"\n')
    (package / "__init__.py").touch()
    (package / "models.py").write_text(MODELS)
    canary = root / "canary"
    (root / "evil_in_cwd.py").write_text(f"open({str(canary)!r}, 'w')\nclass Model: pass\n")
    return root


def _content(case: dict[str, Any], canary: Path) -> bytes:
    if "content" in case:
        text: str = case["content"]
        return text.replace("@CANARY@", str(canary)).encode()
    if "content_base64" in case:
        return base64.b64decode(case["content_base64"])
    # the sample says in Python how its two megabytes are made
    assert "y-wide" == case["id"]
    base: str = DOCUMENT["base"]
    return (base + "".join(f"k{number}: 1\n" for number in range(200_000))).encode()


@pytest.mark.parametrize("case", CONFIGS, ids=lambda case: case["id"])
def test_a_hostile_config_is_refused_and_a_harmless_one_accepted(case: dict[str, Any], study: Path) -> None:
    """Checking gives the verdict of the sample, executes nothing, and shows no secret."""
    (study / "study_pkg/config/train.yaml").write_bytes(_content(case, study / "canary"))
    project = find_project(study)

    compilation = Compiler(Sources(project), Validator.of_project(project)).compile_call("train", ())

    verdicts = {"reject": (False,), "accept": (True,), "accept-with-care": (True, False)}
    assert compilation.is_sound in verdicts[case["expected"]]
    assert not (study / "canary").exists()
    report = Report(jobs=1, diagnostics=compilation.diagnostics, root=study)
    for name in Format:
        if "must_not_appear" in case:
            assert case["must_not_appear"] not in renderer_of(name)(report)
        else:
            assert renderer_of(name)(report)
