"""Expand a defaults list again with one option swapped, without computing it anew.

Hydra takes some 5 ms to expand the defaults list of a job, most of what checking a further option
takes. An option whose own defaults list reads like that of the option it replaces changes nothing
of the order: only its name differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from serotiny.compiler.defaults import DefaultsEntry
from serotiny.compiler.hydra_adapter import Defaults, Loaded, Override, compute_defaults

_Gist = tuple[str | None, tuple[DefaultsEntry, ...]] | None


@dataclass(frozen=True)
class _Base:
    """An expansion without overrides, and what it was computed from."""

    outcome: Defaults
    loaded: Mapping[str, _Gist]

    @property
    def can_be_swapped(self) -> bool:
        """Whether no name in it depends on what is chosen elsewhere."""
        return not any(
            "${" in str(entry.value) or "_name_" in (entry.package or "")
            for gist in self.loaded.values()
            for entry in (gist[1] if gist else ())
        )


class OptionSwaps:
    """Does what `compute_defaults` does, computing each base once; one compiler's, as its files stay as they are."""

    def __init__(self) -> None:
        self._bases: dict[tuple[str, _Gist], _Base] = {}

    def __call__(
        self,
        config_name: str,
        overrides: Sequence[Override],
        load: Callable[[str], Loaded | None],
        is_group: Callable[[str], bool],
        options: Callable[[str], Sequence[str]],
        /,
    ) -> Defaults:
        """Expand the defaults list of `config_name`.

        Raises:
            MissingConfig: as `compute_defaults`.
            Rejected: as `compute_defaults`.
        """
        key = (config_name, _gist(load(config_name)))
        base = self._bases.get(key)
        if base is not None and any(_gist(load(path)) != gist for path, gist in base.loaded.items()):
            base = None
        if not overrides and base is not None:
            return base.outcome
        if not overrides:
            loaded: dict[str, _Gist] = {}

            def recorded(path: str) -> Loaded | None:
                found = load(path)
                loaded[path] = _gist(found)
                return found

            outcome = compute_defaults(config_name, overrides, recorded, is_group, options)
            self._bases[key] = _Base(outcome, loaded)
            return outcome
        swapped = _swap(base, overrides[0], load) if base is not None and len(overrides) == 1 else None
        if swapped is not None:
            return swapped
        return compute_defaults(config_name, overrides, load, is_group, options)


def _swap(base: _Base, override: Override, load: Callable[[str], Loaded | None]) -> Defaults | None:
    """The expansion under an override that only changes an option; None when it must be computed."""
    group, option = override.key_or_group, override.value()
    changes_only = not (override.is_delete() or override.is_add() or override.is_force_add())
    before = base.outcome.choices.get(group)
    if not changes_only or override.package is not None or not isinstance(option, str) or before is None:
        return None
    old, new = f"{group}/{before}", f"{group}/{option}"
    places = [index for index, (path, _) in enumerate(base.outcome.order) if path == old]
    gist = _gist(load(new))
    is_alike = gist is not None and gist[0] is None and _reads_like(gist, base.loaded.get(old))
    if len(places) != 1 or not is_alike or "/" in before or "/" in option or not base.can_be_swapped:
        return None
    order = list(base.outcome.order)
    order[places[0]] = (new, order[places[0]][1])
    return replace(base.outcome, order=tuple(order), choices={**base.outcome.choices, group: option})


def _gist(loaded: Loaded | None) -> _Gist:
    return None if loaded is None else (loaded.package, tuple(loaded.entries))


def _reads_like(one: _Gist, other: _Gist) -> bool:
    """Whether two configs ask for the same, wherever it is written."""
    if one is None or other is None or one[0] != other[0] or len(one[1]) != len(other[1]):
        return False
    return [replace(entry, place=None, value_place=None) for entry in one[1]] == [
        replace(entry, place=None, value_place=None) for entry in other[1]
    ]
