"""How often Python looks for garbage, before and after a job is built."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

import pytest

from serotiny.collector import NoCollection, collect_as_usual, collect_never, collect_rarely


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    # another test of this process may have called the command line
    collect_as_usual()
    gc.unfreeze()
    yield
    collect_as_usual()
    gc.unfreeze()


def test_what_was_made_by_imports_is_passed_over_afterwards() -> None:
    """The thresholds are Python's own again, and the objects so far are out of the collector's sight."""
    usual = gc.get_threshold()
    collect_rarely()
    rare = gc.get_threshold()
    collect_as_usual()

    assert rare[0] > usual[0]
    assert usual == gc.get_threshold()
    assert gc.get_freeze_count() > 0


def test_a_command_that_ends_soon_is_never_collected() -> None:
    """No collection begins by itself, until a job in the same process asks for the usual ones."""
    usual = gc.get_threshold()
    collect_never()
    never = gc.get_threshold()
    collect_as_usual()

    assert 0 == never[0]
    assert usual == gc.get_threshold()


def test_the_second_job_of_a_process_leaves_the_garbage_of_the_first_in_sight() -> None:
    """Nothing is passed over where collections are as usual already."""
    collect_rarely()
    collect_as_usual()
    gc.unfreeze()
    collect_as_usual()

    assert 0 == gc.get_freeze_count()


def test_collections_go_on_behind_what_makes_many_objects() -> None:
    """None takes place within the block, also in one within another; after an exception they do again."""
    with contextlib.suppress(ValueError), NoCollection():
        with NoCollection():
            pass
        assert not gc.isenabled()
        raise ValueError

    assert gc.isenabled()
