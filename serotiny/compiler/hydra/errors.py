"""What Hydra refuses, as exceptions of ours."""

from __future__ import annotations

VERSION_BASE = "1.3"

HYDRA = "hydra"
"""The root key, and the group, of Hydra's own settings."""


_SLIPS = (ArithmeticError, AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What Hydra stumbles with over input that it does not expect."""


class Rejected(Exception):  # noqa: N818 - a value that travels by raise, not an error of ours
    """Hydra refused; `str()` is its headline.

    Attributes:
        meant: the keys that Hydra takes for the one that was meant.
    """

    def __init__(self, headline: str, meant: tuple[str, ...] = ()) -> None:
        super().__init__(headline)
        self.meant = meant


class TooMany(Rejected):
    """A sweep has more values than anybody can mean."""


class TooManyConfigs(Rejected):
    """Defaults lists come to more configs than anybody can mean."""


class EndlessDefaults(Rejected):
    """Defaults lists include each other."""


class MissingConfig(Rejected):
    """A defaults list came to a config that does not exist: `config_path`."""

    def __init__(self, config_path: str, message: str) -> None:
        super().__init__(message)
        self.config_path = config_path
