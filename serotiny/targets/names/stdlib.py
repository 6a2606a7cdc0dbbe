"""Paths whose meaning is known without reading any source."""

from __future__ import annotations

from typing import Final

# their names are recognised by path, so their thousands of lines need not be read
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
    # the base of torch.Tensor is compiled, which would leave every subclass of Tensor uncertain
    return path == "torch._C.TensorBase" or any(
        path.startswith(f"{module}.") for module in WELL_KNOWN_MODULES
    )
