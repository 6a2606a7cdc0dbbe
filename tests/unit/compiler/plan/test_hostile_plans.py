"""Plans that somebody else wrote: refused in a line, whatever is in them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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


def test_nothing_is_waited_for(tmp_path: Path) -> None:
    """A pipe, a device and a folder are no plans."""
    os.mkfifo(tmp_path / "pipe")

    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(PlanError, match="cannot be read"):
            read_plan(path)
