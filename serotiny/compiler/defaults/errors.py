"""Why a defaults list cannot be expanded; the headlines are Hydra's, who is known by them."""

from __future__ import annotations

from collections.abc import Sequence

from serotiny.compiler.hydra.errors import Rejected


class EndlessDefaults(Rejected):
    """Defaults lists include each other."""


class TooManyConfigs(Rejected):
    """A defaults list expands to more configs than the limit."""


class MissingConfig(Rejected):
    """A defaults list names a config that does not exist: `config_path`."""

    def __init__(self, config_path: str, headline: str) -> None:
        super().__init__(headline)
        self.config_path = config_path


class MustChoose(Rejected):
    """An option of the group `key` is `???` in the defaults list, and is not chosen."""

    def __init__(self, key: str) -> None:
        super().__init__(f"You must specify '{key}', e.g, {key}=<OPTION>")
        self.key = key


class ChosenTwice(Rejected):
    """Two entries choose in the group `key`."""

    def __init__(self, key: str, headline: str) -> None:
        super().__init__(headline)
        self.key = key


class NothingToOverride(Rejected):
    """An override of the group `key` has nothing to override.

    Attributes:
        key: the group, with its package.
        config_path: the config that holds the override; None for an override of the call.
        meant: the keys of the same group that can be overridden.
    """

    def __init__(self, key: str, config_path: str | None, meant: Sequence[str]) -> None:
        where = "" if config_path is None else f"In '{config_path}': "
        none = "" if meant else " No match in the defaults list."
        super().__init__(f"{where}Could not override '{key}'.{none}", tuple(meant))
        self.key = key
        self.config_path = config_path


class Unresolved(Rejected):
    """An interpolation in the entry `text` names no choice; `keys` are those there are."""

    def __init__(self, text: str, keys: Sequence[str]) -> None:
        possible = f", possible interpolation keys: {', '.join(keys)}" if keys else ""
        super().__init__(f"Error resolving interpolation '{text}'{possible}")
        self.text = text
        self.keys = tuple(keys)
