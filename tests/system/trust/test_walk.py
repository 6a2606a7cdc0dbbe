"""The committed table of what a config may name of the trusted packages, against what is installed."""

from __future__ import annotations

from contextlib import suppress

import hydra.utils
import pytest

from serotiny.targets.policy.objects import judge_object
from serotiny.targets.policy.trust import Trust
from tests.system.trust.walk import TABLE, Walk, Walker, unexplained, versions

PART = ("serotiny", "torch.nn", "torch.optim", "torchmetrics.text", "pytorch_lightning.callbacks")
"""Places that are walked through in the tests; `make trust-table` goes everywhere."""


@pytest.fixture(scope="module")
def walker() -> Walker:
    return Walker()


@pytest.fixture(scope="module")
def walk(walker: Walker) -> Walk:
    return walker.walk(PART)


def _table() -> tuple[list[str], set[str]]:
    lines = TABLE.read_text("utf-8").splitlines()
    return [line for line in lines if line.startswith("#")], {
        line for line in lines if not line.startswith("#")
    }


def test_table_is_of_what_is_installed() -> None:
    """A new release may bring what passes unread: `make trust-table` shows it."""
    assert versions() == _table()[0]


def test_judge_lets_pass_what_the_table_lists(walk: Walk) -> None:
    """Nothing passes that is not in the table, and nothing in it is refused any more."""
    listed = _table()[1]
    met = {path for path in listed if path in walk.passing}
    assert set() == walk.passing.keys() - listed
    assert {path for path in listed if path.startswith(("torch.nn.modules.", "serotiny."))} <= met


def test_what_touches_files_code_or_the_network_has_a_reason(walker: Walker, walk: Walk) -> None:
    """Whatever passes and reaches for these, in its own source or in that of what it calls, was read and says why."""
    assert {} == unexplained(walker, walk)


def test_what_passes_by_its_path_passes_once_it_is_imported(walk: Walk) -> None:
    """Where a class or function is defined is judged no stricter than where its source says that it is."""
    imported = {}
    for path in walk.passing:
        with suppress(ImportError):  # a function of the same name hides the module
            imported[path] = hydra.utils.get_object(path)
    assert len(imported) > 200
    assert {} == {
        path: home for path, found in imported.items() if (home := judge_object(Trust(), path, found))
    }
