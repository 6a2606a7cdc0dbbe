"""Exceptions for defaults lists that cannot be expanded. Their headlines are those of Hydra's errors."""

from __future__ import annotations

from collections.abc import Sequence

from serotiny.compiler.defaults.configs import Missing
from serotiny.compiler.hydra.errors import Rejected
from serotiny.compiler.syntax.defaults_list import DefaultsEntry
from serotiny.diagnostics import closest


class DefaultsRejected(Rejected):
    """A defaults list, or an override of it, is refused.

    Attributes:
        key: the group that it is about, with its package; None where it is about no single one.
        missing: the configs that were found not to exist before.
    """

    key: str | None = None
    missing: tuple[Missing, ...] = ()


class EndlessDefaults(DefaultsRejected):
    """Defaults lists include each other."""


class TooManyConfigs(DefaultsRejected):
    """A defaults list expands to more configs than the limit."""


class MustChoose(DefaultsRejected):
    """An option of the group `key` is `???` in the defaults list, and is not chosen."""

    def __init__(self, key: str) -> None:
        super().__init__(f"You must specify '{key}', e.g, {key}=<OPTION>")
        self.key = key


class ChosenTwice(DefaultsRejected):
    """Two entries choose in the group `key`."""

    def __init__(self, key: str, headline: str) -> None:
        super().__init__(headline)
        self.key = key


class NothingToDelete(DefaultsRejected):
    """A deletion of a choice in the group `key` that no entry makes; `chosen` is that which is made.

    Attributes:
        meant: the keys of the same group in which an option is chosen.
    """

    def __init__(self, key: str, option: str | None, chosen: str | None, meant: Sequence[str]) -> None:
        what = key if option is None else f"{key}={option}"
        super().__init__(f"Could not delete '{what}'. No match in the defaults list", tuple(meant))
        self.key = key
        self.chosen = chosen


class NothingToOverride(DefaultsRejected):
    """An override of the group `key` has nothing to override.

    Attributes:
        key: the group, with its package.
        config_path: the config that holds the override; None for an override of the call.
        meant: the keys of the same group that can be overridden.
    """

    def __init__(self, key: str, config_path: str | None, meant: Sequence[str]) -> None:
        where = "" if config_path is None else f"In '{config_path}': "
        none = "" if meant else " No match in the defaults list."
        nearest = closest(key, meant)
        likeliest_first = sorted(meant, key=lambda name: name != nearest)
        super().__init__(f"{where}Could not override '{key}'.{none}", tuple(likeliest_first))
        self.key = key
        self.config_path = config_path


class BadEntry(DefaultsRejected):
    """The entry is malformed, wherever it stands."""

    def __init__(self, headline: str, entry: DefaultsEntry) -> None:
        super().__init__(headline)
        self.entry = entry


class BehindOverride(BadEntry):
    """The entry stands behind an `override`, where Hydra takes only others of these."""


class Unresolved(DefaultsRejected):
    """An interpolation in the entry `text` names no choice; `keys` are those there are."""

    def __init__(self, text: str, keys: Sequence[str]) -> None:
        possible = f", possible interpolation keys: {', '.join(keys)}" if keys else ""
        super().__init__(f"Error resolving interpolation '{text}'{possible}")
        self.text = text
        self.keys = tuple(keys)
