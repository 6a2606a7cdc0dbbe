"""Paths whose meaning is known without reading any source."""

from __future__ import annotations

from typing import Final

# Their names are known by path and mean the same everywhere: reading their thousands of lines tells nothing.
WELL_KNOWN_MODULES: Final = frozenset(
    {"abc", "builtins", "collections.abc", "dataclasses", "enum", "functools", "typing", "typing_extensions"}
)


def is_plain_base(path: str) -> bool:
    """Whether a base without source adds nothing: abstract and generic bases."""
    return path == "builtins.object" or path.startswith(
        ("abc.", "typing.", "typing_extensions.", "collections.abc.")
    )


def is_well_known(path: str) -> bool:
    """Whether a path lies in one of the modules whose names are known without reading them."""
    # torch.Tensor's base is compiled; everything that is a Tensor would be uncertain by it
    return path == "torch._C.TensorBase" or any(
        path.startswith(f"{module}.") for module in WELL_KNOWN_MODULES
    )
