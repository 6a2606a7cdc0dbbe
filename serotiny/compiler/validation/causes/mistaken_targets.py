"""Suggestions for mappings without a `_target_`, and for a `_target_` that does not exist."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from serotiny.compiler.tree import Node
from serotiny.diagnostics import closest
from serotiny.targets import SignatureReader, TargetKind, TargetNotFound, TargetSignature

_WORDS: Final = ("target", "class_path", "class", "_class_", "class_name", "cls")


def target_help(node: Node) -> str | None:
    """How to write the `_target_` of a mapping that seems to name a class in another way; None if it does not."""
    key = named_otherwise(node)
    if key is None:
        return None
    fix = f"write `_target_: {node.value[key].value}` instead of `{key}: …`"
    beside = node.get("init_args") or node.get("params") or node.get("kwargs")
    return fix if beside is None else f"{fix}, with its arguments beside it"


def named_otherwise(node: Node) -> str | None:
    """The key by which a mapping without `_target_` seems to name a class; None if it does not."""
    if not node.is_mapping or node.get("_target_") is not None:
        return None
    for key, child in node.value.items():
        if not isinstance(key, str) or not isinstance(child.value, str) or "." not in child.value:
            continue
        if key in _WORDS or closest(key, ("_target_",), cutoff=0.75) is not None:
            return key
    return None


_HOMES: Final = (
    "torch.optim",
    "torch.optim.lr_scheduler",
    "torch.nn",
    "pytorch_lightning",
    "pytorch_lightning.callbacks",
    "pytorch_lightning.loggers",
    "serotiny.models",
    "serotiny.datamodules",
    "serotiny.io.dataframe.loaders",
    "serotiny.callbacks",
)
"""Modules in which a class without a module is looked for."""
_OF_TWO: Final = "lightning"
"""The package of which a part has the modules of another one: `lightning.pytorch.loggers`."""

_ALIASES: Final = MappingProxyType(
    {
        "F": "torch.nn.functional",
        "L": "lightning",
        "nn": "torch.nn",
        "np": "numpy",
        "optim": "torch.optim",
        "pd": "pandas",
        "pl": "pytorch_lightning",
    }
)
"""Names that modules are customarily imported as."""


def path_slip(path: str) -> str | None:
    """The dotted path that a text in another form means; None for a text that is one."""
    file = re.fullmatch(r"([\w./]+)\.py(?:::?(\w+))?", path)
    if file is not None:
        return f"{file[1].strip('./').replace('/', '.')}.{file[2] or 'CLASS'}"
    entry = re.fullmatch(r"([\w.]+)::?([\w.]+)|from ([\w.]+) import (\w+)", path)
    if entry is not None:
        return ".".join(filter(None, entry.groups()))
    bare = path.strip(_STRAY).replace("-", "_").replace(" ", "")
    return bare if bare != path and re.fullmatch(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+", bare) else None


_STRAY: Final = " \t.,;:'\"`´‘’“”„"
"""Signs that stand around a path as quotes or punctuation of another language."""


def full_path(path: str, packages: Sequence[str], reader: SignatureReader) -> str | None:
    """The path of the class or function that a name, or the end of a path, most likely means.

    Args:
        path: as written; it does not exist.
        packages: the project's own packages, whose modules are searched.
        reader: reads the modules.
    """
    alias, dot, rest = path.partition(".")
    path = f"{_ALIASES.get(alias, alias)}{dot}{rest}"
    name = path.rpartition(".")[2]
    if not name.isidentifier():
        return None
    first = path.partition(".")[0]
    candidates = [path, *(f"{package}.{path}" for package in packages if dot)]
    # a class of another package has a similar name by chance
    for package in packages if not dot or first in packages else ():
        candidates += [f"{module}.{name}" for module in reader.defining(package, name)]
    candidates += [f"{home}.{name}" for home in _HOMES if not dot or home.startswith(f"{first}.")]
    if first == _OF_TWO:
        candidates.append(f"{first}.pytorch.{path.partition('.')[2]}")
    found = next((found for found in candidates if _is_there(reader.read(found))), None)
    return path if found is None and alias in _ALIASES else found


def _is_there(answer: TargetSignature | TargetNotFound) -> bool:
    return isinstance(answer, TargetSignature) and answer.kind is not TargetKind.UNKNOWN
