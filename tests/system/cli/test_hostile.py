"""Hostile and harmless configurations, by class: what is refused, and that checking executes nothing."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from serotiny.cli.neutral import neutral
from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.validation.validate import Validator
from serotiny.report.formats import Format, renderer_of
from serotiny.report.report import Report
from tests.fakes.hostile_configs import DOCUMENT, PARTS, with_parts, write_study

CONFIGS = [case for case in DOCUMENT["cases"] if case.get("kind") != "checkpoint"]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose root also holds a module that tells when it is imported."""
    root = tmp_path_factory.mktemp("study")
    write_study(root)
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


@pytest.fixture(scope="module")
def validator(study: Path) -> Validator:
    return Validator.of_project(find_project(study))


@pytest.mark.parametrize("case", PARTS, ids=lambda case: case["id"])
def test_hostile_parts_of_a_config_are_refused_and_harmless_ones_accepted(
    case: dict[str, Any], study: Path, validator: Validator
) -> None:
    """The fault has its code, nothing was executed, and what is printed can neither steer a terminal nor fill pages."""
    (study / "study_pkg/config/train.yaml").write_text(
        with_parts(case["parts"], study / "canary"), "utf-8", newline=""
    )

    compilation = Compiler(Sources(find_project(study)), validator).compile_call("train", ())

    found = {fault.code for fault in compilation.diagnostics}
    assert (case["expected"] != "reject", True) == (
        compilation.is_sound,
        case.get("code") is None or case["code"] in found,
    )
    assert not (study / "canary").exists()
    report = Report(jobs=1, diagnostics=compilation.diagnostics, root=study)
    for name in Format:
        printed = neutral(renderer_of(name)(report), keep_commands=name is Format.GITHUB)
        assert case.get("must_not_appear", "\0") not in printed
    assert len(renderer_of(Format.TEXT)(report)) < 500_000


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
