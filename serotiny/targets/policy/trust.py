"""Which targets a config may name: decided before anything is imported, by what is allowed."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from serotiny.targets.modules.location import is_module_name
from serotiny.targets.policy import forbidden
from serotiny.targets.policy.kinds import ALLOWED_BASES, ALLOWED_NAMESPACES
from serotiny.targets.policy.reviewed import EXCEPTED, REVIEWED, is_reviewed, public_path
from serotiny.targets.signature import TargetKind

if TYPE_CHECKING:
    from serotiny.targets.signature import TargetSignature

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

Verdict = Literal["untrusted", "forbidden", "unlisted", "unclear"]
"""Why a target may not be named: its package is not trusted; it is forbidden whoever is trusted; it is neither
of a kind that a config may name nor listed; where it leads cannot be told."""

_SAME_PACKAGE: Final = (
    ("pytorch_lightning.", "lightning.pytorch."),
    ("lightning_fabric.", "lightning.fabric."),
)
_INSTALLED: Final = ("/site-packages/", "/dist-packages/")


@dataclass(frozen=True, slots=True)
class Trust:
    """What decides whether a config may name a target.

    An argument is not looked into: each nested target has to be judged by itself.

    Attributes:
        own: packages whose code is the project's: whatever they define may be named. What they import from
            elsewhere is judged as if it were named there.
        trusted: further packages. Of those that lie in a folder of installed packages, as of those that
            everybody trusts, a config may name classes of the kinds that it is made of (models, callbacks,
            optimizers, data sets, metrics, transforms …) and functions that were reviewed; one that is
            worked on, outside of such a folder, is like the project's own.
        allowed: single functions and classes of trusted packages, by their dotted paths.
    """

    own: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()

    def judge_name(self, path: str) -> Verdict | None:
        """What can be said of a target before anything is read: the path as a config has it."""
        if is_forbidden(path):
            return "forbidden"
        if path in self.allowed or _lies_in(path, self.own):
            return None
        if not self._is_trusted(path):
            return "untrusted"
        # private modules come and go, and importing them may do anything
        return "unlisted" if any(part.startswith("_") for part in path.split(".")) else None

    def judge(self, path: str, signature: TargetSignature) -> Verdict | None:
        """Whether a target may be named.

        Args:
            path: as the config has it.
            signature: what it leads to, read from source.

        Returns:
            None when it may.
        """
        return self.judge_name(path) or self.judge_place(path, signature)

    def allows(self, path: str) -> bool:
        """Whether a path is listed by name: by the project, or among those that were reviewed."""
        return path in self.allowed or is_reviewed(path)

    def judge_place(self, path: str, signature: TargetSignature) -> Verdict | None:
        """What is said of the place that a path leads to."""
        canonical = signature.path
        # of a reviewed namespace only the functions were read; a class there has to be listed, or of a kind
        if (is_reviewed(canonical) and signature.kind is not TargetKind.CLASS) or canonical in REVIEWED:
            return None if canonical in self.allowed or self._is_trusted(canonical) else "untrusted"
        if is_forbidden(canonical) or not forbidden.FORBIDDEN_BASES.isdisjoint(signature.bases):
            return "forbidden"
        if any(map(is_forbidden, signature.wraps)):
            return "forbidden"
        for other in signature.others:
            if is_forbidden(other):
                return "forbidden"
            if not self._is_trusted(other):
                return "untrusted"
        if self.is_own(canonical, signature):
            return "unclear" if signature.through_value else None
        # after what is forbidden, which no list of a project's allows
        if {path, canonical, public_path(canonical)} & {*self.allowed}:
            return None
        if not self._is_trusted(canonical):
            return "untrusted"
        return None if _is_of_a_kind(signature) else "unlisted"

    def is_named_by_project(self, canonical: str) -> bool:
        """Whether the project has said that it trusts the package of a target, or allows the target."""
        return canonical in self.allowed or _lies_in(canonical, (*self.trusted, *self.own))

    def is_own(self, canonical: str, signature: TargetSignature) -> bool:
        """Whether it is code of the project itself: of its package, or of a trusted one that is not installed."""
        if _lies_in(canonical, self.own):
            return True
        file = signature.file
        return (
            file is not None
            and _lies_in(canonical, self.trusted)
            and not any(folder in file.replace("\\", "/") for folder in _INSTALLED)
        )

    def _is_trusted(self, name: str) -> bool:
        # nobody has to trust Python; what of it may be named at all is listed
        return name.partition(".")[0] in sys.stdlib_module_names or _lies_in(
            name, (*TRUSTED_PACKAGES, *self.trusted, *self.own)
        )


def _lies_in(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _is_of_a_kind(signature: TargetSignature) -> bool:
    if signature.kind is not TargetKind.CLASS or signature.path in EXCEPTED:
        return False
    return not ALLOWED_BASES.isdisjoint(signature.bases) or signature.path.startswith(ALLOWED_NAMESPACES)


@lru_cache(maxsize=4096)
def is_forbidden(name: str) -> bool:
    """Whether no config may name a package, or what it holds, whatever a project trusts or allows."""
    *modules, last = name.split(".")
    # a file may be named so, and then no name of Python's own is meant
    parts = [*(module.replace("-", "_") if is_module_name(module) else module for module in modules), last]
    # Python folds look-alike letters into one identifier, and a list of strings does not
    if not name.isascii() or not all(part.isidentifier() for part in parts):
        return True
    if name in REVIEWED:
        return False
    if parts[0] in forbidden.FORBIDDEN_PACKAGES or parts[0] in sys.stdlib_module_names:
        return True
    if not forbidden.FORBIDDEN_PARTS.isdisjoint(parts):
        return True
    # `__init__.__globals__` and its like lead to everything
    if any(part.startswith("__") for part in parts) or parts[-1] in forbidden.FORBIDDEN_NAMES:
        return True
    plain = _in_one_namespace(".".join(parts))
    if plain in forbidden.ALLOWED_PATHS or plain.startswith(forbidden.ALLOWED_PREFIXES):
        return False
    return plain in forbidden.FORBIDDEN_PATHS or plain.startswith(forbidden.FORBIDDEN_PREFIXES)


def _in_one_namespace(name: str) -> str:
    for own, common in _SAME_PACKAGE:
        if name.startswith(own):
            return common + name[len(own) :]
    return name
