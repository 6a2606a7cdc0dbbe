"""Names that a module binds for type checkers alone: `if TYPE_CHECKING: from models import Model`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.scope import Branch

if TYPE_CHECKING:
    from serotiny.targets.modules.module import Module

_DYNAMIC: Final = re.compile(
    r"__getattr__|sys\.modules|globals\(|setattr\(|vars\(|exec\(|import \*|__dict__|[Ll]azy|\battach"
)
"""Ways in which a module gets names that no statement binds."""


def is_for_type_checkers(module: Module, name: str) -> bool:
    """Whether a module certainly has no such name when it runs, since only type checkers read what binds it."""
    bound = module.scope.names.get(name, ())
    return (
        bool(bound)
        and all(binding.branch is Branch.TYPE_CHECKING for binding in bound)
        and _DYNAMIC.search(module.text) is None
    )
