"""What a run or an experiment may be called; pure text rules, so that the compiler can use them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

MAX_NAME_LENGTH = 250
"""MLflow cuts or refuses longer ones, depending on its database (the columns hold 250 and 256 characters)."""

# Categories: Cc control (newline, escape), Cf format (zero-width, bidi), Cs lone surrogate, Zl/Zp line and
# paragraph separators. Unassigned ones are let through: an emoji may be younger than this Python's tables.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINER = "\u200d"
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def fault_of_run_name(name: str) -> str | None:
    """Why `name` cannot be a run's name, or nothing.

    A name must be told apart by eye, be expressible in MLflow's filter grammar (which has no escapes), and
    be harmless as a line of a log or a part of a path. `team/vae` and any script or emoji are fine.
    """
    if name.startswith("/") or re.match(r"[A-Za-z]:/", name):
        return "is an absolute path"
    return _fault_of_name(name)


def fault_of_experiment_name(name: str) -> str | None:
    """Why `name` cannot be an experiment's name, or nothing.

    As for a run, but a leading `/` is fine: on Databricks every experiment has one.
    """
    return _fault_of_name(name)


def fault_of_tag(name: str) -> str | None:
    """Why a config may not set the tag `name` on a run, or nothing."""
    if name.startswith("serotiny."):
        return "serotiny keeps its own record of the run in these"
    return "it is the run's name, which is `mlflow.run_name`" if name == "mlflow.runName" else None


NAME_RULES: Final[Mapping[str, Callable[[str], str | None]]] = MappingProxyType(
    {"run_name": fault_of_run_name, "experiment_name": fault_of_experiment_name}
)
"""Field of the `mlflow` group → why its text cannot be a name: what is checked and what reserving refuses."""


def _fault_of_name(name: str) -> str | None:
    if not name.strip():
        return "is empty"
    if name != name.strip():
        return "starts or ends with a space"
    if len(name) > MAX_NAME_LENGTH:
        return f"has {len(name)} characters, at most {MAX_NAME_LENGTH} are possible"
    if any(part in {".", ".."} for part in name.split("/")):
        return "leads out of its folder when it is used as a path"
    if "\\" in name:
        return "holds a backslash, which MLflow's filters read as an escape"
    if "'" in name and '"' in name:
        return "holds both kinds of quotes, which MLflow's filters cannot express"
    return _fault_of_characters(name)


def _fault_of_characters(name: str) -> str | None:
    for index, character in enumerate(name):
        category = unicodedata.category(character)
        if character == _JOINER and _joins_emoji(name, index):
            continue
        if category in _REFUSED_CATEGORIES or character in _BLANK_LETTERS:
            kind = "a control character" if category == "Cc" else "an invisible character"
            return f"holds {kind} (U+{ord(character):04X})"
        if category == "Zs" and character != " ":
            return f"holds an unusual space (U+{ord(character):04X})"
    return None


def _joins_emoji(name: str, index: int) -> bool:
    """Whether the joiner at `index` stands in an emoji sequence, such as a family."""
    neighbours = name[index - 1 : index] + name[index + 1 : index + 2]
    return len(neighbours) == 2 and all(unicodedata.category(c) in {"So", "Sk", "Mn"} for c in neighbours)
