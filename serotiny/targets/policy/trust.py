"""Which targets a config may name: decided before anything is imported."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from serotiny.targets.policy import forbidden

TRUSTED_PACKAGES: Final = (
    "serotiny",
    "torch",
    "torchvision",
    "torchaudio",
    "torchmetrics",
    "pytorch_lightning",
    "lightning",
    # where pytorch_lightning keeps what it shares with Fabric
    "lightning_fabric",
)

Verdict = Literal["untrusted", "forbidden"]

_SAME_PACKAGE: Final = (
    ("pytorch_lightning.", "lightning.pytorch."),
    ("lightning_fabric.", "lightning.fabric."),
)


@dataclass(frozen=True, slots=True)
class Trust:
    """The packages that a config may name targets of, beside those that everybody trusts.

    A package named here is trusted as a whole, but what is forbidden stays so. An argument is not
    looked into: each nested target has to be judged by itself.
    """

    trusted: tuple[str, ...] = ()

    def judge(self, path: str, canonical: str | None = None) -> Verdict | None:
        """Whether a target may be named.

        Args:
            path: as the config has it.
            canonical: where it is defined, when that could be read; it must be acceptable as well.

        Returns:
            None when it may; `forbidden` or `untrusted` otherwise.
        """
        names = [path] if canonical is None else [path, canonical]
        if any(_is_forbidden(name) for name in names):
            return "forbidden"
        return None if all(self._is_trusted(name) for name in names) else "untrusted"

    def _is_trusted(self, name: str) -> bool:
        packages = (*TRUSTED_PACKAGES, *self.trusted)
        return any(name == package or name.startswith(f"{package}.") for package in packages)


@lru_cache(maxsize=4096)
def _is_forbidden(name: str) -> bool:
    parts = name.split(".")
    # Python folds look-alike letters into one identifier, and a list of strings does not
    if not name.isascii() or not all(part.isidentifier() for part in parts):
        return True
    if parts[0] in forbidden.FORBIDDEN_PACKAGES or not forbidden.FORBIDDEN_PARTS.isdisjoint(parts):
        return True
    if any(part.startswith("__") for part in parts) or parts[-1] in forbidden.FORBIDDEN_NAMES:
        return True
    plain = _in_one_namespace(name)
    if plain in forbidden.ALLOWED_PATHS or plain.startswith(forbidden.ALLOWED_PREFIXES):
        return False
    return plain in forbidden.FORBIDDEN_PATHS or plain.startswith(forbidden.FORBIDDEN_PREFIXES)


def _in_one_namespace(name: str) -> str:
    for own, common in _SAME_PACKAGE:
        if name.startswith(own):
            return common + name[len(own) :]
    return name
