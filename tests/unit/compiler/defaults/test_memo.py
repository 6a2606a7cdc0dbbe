"""Remembered defaults lists are those that would be computed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from serotiny.compiler.defaults.compute import compute_defaults
from serotiny.compiler.defaults.configs import Configs, Defaults, Loaded
from serotiny.compiler.defaults.errors import MustChoose
from serotiny.compiler.defaults.memo import Expansions
from serotiny.compiler.hydra.grammar import parse_override
from serotiny.compiler.syntax.defaults_list import DefaultsEntry
from serotiny.compiler.syntax.override import Override


class _Configs:
    """Configs in memory that count how often Hydra's algorithm asks whether a group exists."""

    def __init__(self, **lists: Sequence[DefaultsEntry]) -> None:
        self.lists = {name.replace("__", "/"): entries for name, entries in lists.items()}
        self.computed = 0
        self.configs = Configs(self.load, self.is_group)

    def load(self, path: str) -> Loaded | None:
        entries = self.lists.get(path)
        return None if entries is None else Loaded(entries, None)

    def is_group(self, path: str) -> bool:
        self.computed += 1
        return any(name.startswith(f"{path}/") for name in self.lists)

    def ask(self, memo: Expansions, *overrides: str) -> Defaults:
        parsed = [parse_override(text) for text in overrides]
        return memo("train", parsed, self.configs)

    def compute(self, parsed: list[Override]) -> Defaults:
        return compute_defaults("train", parsed, self.configs)


@pytest.fixture
def configs() -> _Configs:
    return _Configs(
        train=[DefaultsEntry(group="model", value="a"), DefaultsEntry(group=None, value="_self_")],
        model__a=[],
        model__b=[],
    )


def test_second_question_is_answered_from_memory(configs: _Configs) -> None:
    """The same lists are not expanded again."""
    memo = Expansions()
    first = configs.ask(memo, "model=b")
    computed = configs.computed
    assert first.order == configs.ask(memo, "model=b").order
    assert 1 == configs.computed - computed, "only whether `model` is a group was asked"


def test_answer_names_the_overrides_of_the_question(configs: _Configs) -> None:
    """Overrides of values in a remembered answer are the very ones that were asked with."""
    memo = Expansions()
    configs.ask(memo, "model=b", "seed=1")
    parsed = [parse_override(text) for text in ("model=b", "seed=1")]
    found = memo("train", parsed, configs.configs)
    assert found.value_overrides == (parsed[1],)
    assert found.value_overrides[0] is parsed[1]


def test_changed_list_is_expanded_anew(configs: _Configs) -> None:
    """Another option in a list that took part gives another order."""
    memo = Expansions()
    configs.ask(memo)
    configs.lists["train"] = [
        DefaultsEntry(group="model", value="b"),
        DefaultsEntry(group=None, value="_self_"),
    ]
    assert ("model/b", "model") in configs.ask(memo).order


def test_refusal_is_remembered_and_mended(configs: _Configs) -> None:
    """A choice that is not made is refused again without computing, and expanded once its entry is mended."""
    memo = Expansions()
    configs.lists["train"] = [
        DefaultsEntry(group="model", value="???"),
        DefaultsEntry(group=None, value="_self_"),
    ]
    for _ in range(2):
        with pytest.raises(MustChoose):
            configs.ask(memo)
    configs.lists["train"] = [
        DefaultsEntry(group="model", value="a"),
        DefaultsEntry(group=None, value="_self_"),
    ]
    assert configs.compute([]).order == configs.ask(memo).order
