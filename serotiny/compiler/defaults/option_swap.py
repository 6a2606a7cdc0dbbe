"""Derive the expansion of a defaults list under other options from a known expansion.

Hydra takes some 5 ms to expand the defaults list of a job, which is most of the time of checking a further
option. If an option's own defaults list has the same entries as that of the option it replaces, the order stays
the same: only its name differs, and the names of options that it chooses in the same groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from serotiny.compiler.defaults.trace import DefaultsTrace, gist_of
from serotiny.compiler.hydra.defaults_list import Defaults, Loaded
from serotiny.compiler.syntax.defaults_list import DefaultsEntry
from serotiny.compiler.syntax.override import Override


@dataclass(frozen=True)
class Expansion:
    """The result of expanding a defaults list, and the configs that it was computed from."""

    outcome: Defaults
    trace: DefaultsTrace

    @cached_property
    def can_be_swapped(self) -> bool:
        """Whether options can be replaced in it: no name depends on another choice, by an interpolation."""
        return not any(
            "${" in str(entry.value) or "_name_" in (entry.package or "") for _, entry in self.trace.entries
        )

    @cached_property
    def named(self) -> Counter[str]:
        """The number of entries about each group; where there are several, they can affect each other."""
        return Counter(
            entry.group_path(path) for path, entry in self.trace.entries if entry.group is not None
        )


def swapped(
    base: Expansion, overrides: Sequence[Override], load: Callable[[str], Loaded | None]
) -> Expansion | None:
    """The expansion under overrides that only replace options; None when Hydra has to compute it.

    Args:
        base: the expansion without overrides.
        overrides: the overrides of groups.
        load: returns a config by its path.
    """
    if len({override.key_or_group for override in overrides}) < len(overrides):
        return None  # two options for one group, which Hydra refuses
    found: Expansion | None = base
    for override in overrides:
        found = _swapped(found, override, load) if found is not None else None
    return found


def _swapped(base: Expansion, override: Override, load: Callable[[str], Loaded | None]) -> Expansion | None:
    group, option = override.key_or_group, override.value
    before = base.outcome.choices.get(group)
    if override.sign or override.package is not None or not isinstance(option, str) or before is None:
        return None
    renamed = _renamed(base, group, before=before, option=option, load=load) if base.can_be_swapped else None
    if renamed is None:
        return None
    order = tuple((renamed.get(path, path), package) for path, package in base.outcome.order)
    choices = {**base.outcome.choices, **dict(_choice(path) for path in renamed.values())}
    outcome = replace(base.outcome, order=order, choices=choices)
    return Expansion(outcome, base.trace.renamed(renamed, load))


def _renamed(
    base: Expansion, group: str, before: str, option: str, load: Callable[[str], Loaded | None]
) -> dict[str, str] | None:
    """Old to new config path when `group` changes from `before` to `option`; None when more than names changes."""
    old, new = f"{group}/{before}", f"{group}/{option}"
    places = [path for path, _ in base.outcome.order if path in (old, new)]
    theirs, ours = base.trace.gist(old), gist_of(load(new))
    if "/" in before or "/" in option or len(places) != 1 or base.named[group] != 1:
        return None
    if theirs is None or ours is None:
        return None
    if theirs[0] is not None or ours[0] is not None or len(theirs[1]) != len(ours[1]):
        return None
    renamed = {old: new}
    for mine, other in zip(ours[1], theirs[1], strict=True):
        if mine == other:
            continue
        inner = _renamed_below(base, old, before=other, after=mine, load=load)
        if inner is None:
            return None
        renamed |= inner
    return renamed


def _renamed_below(
    base: Expansion,
    parent: str,
    before: DefaultsEntry,
    after: DefaultsEntry,
    load: Callable[[str], Loaded | None],
) -> dict[str, str] | None:
    """As `_renamed`, for an entry in a defaults list that chooses another option."""
    names_only = replace(after, value=before.value) == before
    plain = before.group is not None and before.package is None and not before.override
    if not (names_only and plain and isinstance(before.value, str) and isinstance(after.value, str)):
        return None
    group = before.group_path(parent)
    if base.outcome.choices.get(group) != before.value or "${" in after.value:
        return None
    return _renamed(base, group, before=before.value, option=after.value, load=load)


def _choice(path: str) -> tuple[str, str]:
    group, _, option = path.rpartition("/")
    return group, option
