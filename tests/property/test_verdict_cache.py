"""A cached verdict is the same as that of a new check, whatever has changed in between."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.property.edits import ASKED, Step, World, difference, random_steps


@settings(deadline=None)
@given(steps=st.randoms(use_true_random=False).map(random_steps))
@example(steps=[("write", "a.yaml", "one"), ("wait",), ("rewrite with the old time", "a.yaml", "two")])
@example(steps=[("write", "one/e.yaml", "one"), ("wait",), ("point link", "two")])
def test_remembered_verdict_is_what_a_new_check_says(steps: list[Step]) -> None:
    """After any sequence of edits, renames, links, variables, upgrades and damage, a check says what a new one would."""
    folder = Path(tempfile.mkdtemp())
    try:
        assert None is difference(steps, folder)
    finally:
        shutil.rmtree(folder)


def test_unchanged_world_is_recalled(tmp_path: Path) -> None:
    """Where nothing changes after a while, the second check is a remembered one."""
    with World(tmp_path) as world:
        world.take(("write", "a.yaml", "one"))
        world.take(("wait",))

        assert world.check() == world.check()
    assert 1 == world.recalled


def test_edit_of_what_is_only_asked_for_is_no_change(tmp_path: Path) -> None:
    """Another content of a file of which only its existence counts keeps the verdict; its removal does not."""
    with World(tmp_path) as world:
        for step in (("write", ASKED, "one"), ("replace", ASKED, "two"), ("remove", ASKED)):
            world.take(step)
            world.take(("wait",))

            assert world.read() == world.check()
    assert 1 == world.recalled


def test_parts_outlive_an_edit(tmp_path: Path) -> None:
    """After an edit of what a part hangs on, and of a listing that names the same again, what is shared still holds."""
    with World(tmp_path) as world:
        world.take(("write", "group/c.yaml", "one"))
        world.take(("wait",))
        world.check()
        world.take(("replace", "group/c.yaml", "two"))
        world.take(("wait",))

        assert world.read() == world.check()
    assert 1 == world.shared
