"""Plans that somebody else wrote: refused in a line, whatever is in them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from serotiny.compiler.limits import MAX_DEPTH
from serotiny.compiler.plan.plan import PlanError
from serotiny.compiler.plan.plan_file import read_plan


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1, 2]",
        "a: &a [1]\nb: *a\n",
        "[" * 3000,
        "seed: " + "9" * 5000,
        "!!python/object/apply:os.system [id]",
        "date: 2020-13-45",
        "? [a, b]\n: 1",
        "a\0b",
        "format: 1\noperation: ../x\nlogged_config: {}\n",
        "format: 1\noperation: train\nlogged_config: [1]\n",
        "format: 1\noperation: train\noverrides: 5\n",
        "format: 1\noperation: train\nlayout: ../x\n",
    ],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, text: str) -> None:
    """The message is one line that names the file."""
    file = tmp_path / "plan.yaml"
    file.write_text(text)

    with pytest.raises(PlanError, match=r"plan\.yaml") as refused:
        read_plan(file)

    assert 1 == len(str(refused.value).splitlines())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("format: 1\nlogged_config: " + "[" * 20_000, "line 2: it is nested deeper than 65 levels"),
        ("format: 1\nlogged_config: " + "[" * 900 + "]" * 900, "line 2: it is nested deeper than 65 levels"),
        ("format: 1\na: b: c", "line 2: mapping values are not allowed in this context"),
        ("# é\nlogged_config: é\x07", "line 2: the character U+0007 is not allowed in YAML"),
        ("format: 1\na: &a [1]\nb: *a\n", "line 3: aliases have no place in it"),
        ("format: 1\nseed: 1" + "0" * 2000, "line 2: a number has more than 1,000 characters"),
        *(
            (f"format: 1\nseed: {tag} x", "line 2: tags have no place in it")
            for tag in ("!!timestamp", "!!bool", "!")
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    """Which limit a text exceeds, or what a parser does not take, and where."""
    file = tmp_path / "plan.yaml"
    file.write_text(text)

    with pytest.raises(PlanError) as refused:
        read_plan(file)

    assert f"{file} is not a plan: {said}; compile it again" == str(refused.value)


def test_a_plan_holds_a_config_as_deep_as_a_config_may_be(tmp_path: Path) -> None:
    """Without its line of identity, which is made of the config then; one level more is refused."""
    file = tmp_path / "plan.yaml"
    head = "format: 1\noperation: train\nrun_name: null\noverrides: []\nproject_root: /x\npackage: null\n"
    head += "trusted: []\nversions: {}\nlogged_config: "

    file.write_text(f"{head}{'{a: ' * MAX_DEPTH}1{'}' * MAX_DEPTH}\n")
    assert "train" == read_plan(file).operation

    file.write_text(f"{head}{'{a: ' * (MAX_DEPTH + 1)}1{'}' * (MAX_DEPTH + 1)}\n")
    with pytest.raises(PlanError, match="nested deeper than 65 levels"):
        read_plan(file)


def test_nothing_is_waited_for(tmp_path: Path) -> None:
    """A pipe, a device and a folder are no plans."""
    os.mkfifo(tmp_path / "pipe")

    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(PlanError, match=r"cannot be read|is a folder"):
            read_plan(path)
