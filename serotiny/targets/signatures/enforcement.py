"""Whether the annotations of a function or class are enforced at run time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from serotiny.targets.modules.written_names import decorator_name
from serotiny.targets.names.symbols import ClassSymbol
from serotiny.targets.signatures.class_kinds import MODEL_BASES

if TYPE_CHECKING:
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import FunctionSymbol

ENFORCING_PACKAGES: Final = frozenset(
    {
        "lightning",
        "lightning_fabric",
        "pydantic",
        "pytorch_lightning",
        "serotiny",
        "torch",
        "torchaudio",
        "torchmetrics",
        "torchvision",
    }
)
"""Packages whose functions fail with a value that is not of the annotated type."""

_ENFORCING_DECORATORS: Final = frozenset(
    {"beartype", "jaxtyped", "typechecked", "validate_arguments", "validate_call", "validate_params"}
)
_IMPORT_HOOK: Final = re.compile(r"\b(?:beartype_this_package|beartype_package|install_import_hook)\(")


def is_enforcing_module(name: str) -> bool:
    """Whether the functions of a module are known to enforce what they are annotated with."""
    return name.partition(".")[0] in ENFORCING_PACKAGES


def enforces_annotations(symbol: FunctionSymbol | ClassSymbol, resolver: NameResolver) -> bool:
    """Whether a decorator, a base or an import hook of its package checks the annotations of a function or class."""
    owner = getattr(symbol, "owner", None)
    nodes = [symbol.node] if owner is None else [symbol.node, owner.node]
    decorators = [item for node in nodes for item in node.decorator_list]
    if any(decorator_name(decorator) in _ENFORCING_DECORATORS for decorator in decorators):
        return True
    if isinstance(symbol, ClassSymbol) and MODEL_BASES & set(resolver.linearise(symbol).paths):
        return True
    # an import hook is installed in the package's own `__init__`, before its modules are imported
    package = resolver.tree.module(symbol.module.name.partition(".")[0])
    return package is not None and _IMPORT_HOOK.search(package.text) is not None
