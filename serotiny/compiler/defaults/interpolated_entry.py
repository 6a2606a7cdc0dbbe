"""The option of an entry that is written as an interpolation of other choices: `data: ${model}`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from serotiny.compiler.defaults.configs import Undecided
from serotiny.compiler.defaults.errors import DefaultsRejected, Unresolved
from serotiny.compiler.defaults.placed_entry import PlacedEntry
from serotiny.compiler.syntax.defaults_list import SELF
from serotiny.compiler.syntax.resolvers import OMEGACONFS, resolver_names, unset_variables

_KEY = re.compile(r"\$\{\s*([^\s:${}]+)\s*\}")
_PLAIN = re.compile(r"(?:[^\\$]|\$\{[A-Za-z_][\w/@]*\})+", re.ASCII)
"""Literal text around keys of groups, for which OmegaConf is not needed."""

_BY_POSITION = re.compile(r"\$\{defaults\.\d\.")

_KNOWN = (*OMEGACONFS, "hydra", "python_version")
"""The resolvers that give the same whenever they are asked."""

Choices = Mapping[str, str | None]


def resolve_entry(
    item: PlacedEntry,
    choices: Choices,
    siblings: Sequence[PlacedEntry | None],
    undecided: Iterable[Undecided],
) -> str | None:
    """The option, or the path of the config, that an interpolated entry names.

    Args:
        item: the entry.
        choices: the options of the groups that were met before.
        siblings: the whole defaults list, to whose entries `${defaults.0}` refers; None for `_self_`.
        undecided: the choices, so far, that are made only when the job starts.

    Returns:
        The text; None if it can be resolved only when the job starts.

    Raises:
        Unresolved: it names no choice.
        DefaultsRejected: it is malformed, or does not come to a text.
    """
    text = str(item.value)
    if _PLAIN.fullmatch(text):
        if _is_open(text, choices, undecided):
            return None
        parts = _KEY.split(text)  # literal text and keys by turns
        options = [choices.get(key) for key in parts[1::2]]
        if all(option and _PLAIN.fullmatch(option) and "$" not in option for option in options):
            parts[1::2] = map(str, options)
            return "".join(parts)
    return _by_omegaconf(item, choices, siblings, undecided)


def is_interpolation(text: str) -> bool:
    """Whether every `${` in a text begins a valid interpolation."""
    if "${" not in text or _PLAIN.fullmatch(text):
        return True
    from omegaconf import OmegaConf  # takes long to import, and few entries need it
    from omegaconf.errors import OmegaConfBaseException

    try:
        OmegaConf.create({"option": text})
    except OmegaConfBaseException:
        return False
    return True


def _is_open(text: str, choices: Choices, undecided: Iterable[Undecided]) -> bool:
    """Whether a text can be resolved only when the job starts, directly or through another such choice.

    The arguments of a project's resolver are not resolved, since the choices that they refer to may not be
    known yet.
    """
    keys = set(_KEY.findall(text))
    by_choice = any(found.group in keys for found in undecided) and all(key in choices for key in keys)
    by_resolver = any(name not in _KNOWN for name in resolver_names(text))
    return by_choice or by_resolver or bool(unset_variables(text))


def _by_omegaconf(
    item: PlacedEntry,
    choices: Choices,
    siblings: Sequence[PlacedEntry | None],
    undecided: Iterable[Undecided],
) -> str | None:
    # takes long to import, and few entries need it
    from omegaconf import OmegaConf
    from omegaconf.errors import InterpolationResolutionError, OmegaConfBaseException

    from serotiny.compiler.hydra.resolvers import register_resolvers

    text = str(item.value)
    register_resolvers()
    try:
        node = OmegaConf.create(
            {**choices, "defaults": [_listed(entry) for entry in siblings], "_entry_": {"text": text}}
        )
        if _is_open(text, choices, undecided):
            return None
        if item.is_choice and _BY_POSITION.match(text):
            what = f"{item.key}={text}"
            raise DefaultsRejected(
                f"Defaults list element '{what}' is using a deprecated interpolation form."
            )
        found = node["_entry_"]["text"]
    except (InterpolationResolutionError, RecursionError) as error:
        raise Unresolved(text, list(choices)) from error
    except (OmegaConfBaseException, AssertionError, ValueError) as error:
        raise DefaultsRejected(str(error).splitlines()[0]) from error
    if not isinstance(found, str):
        raise DefaultsRejected(f"`{text}` does not come to the name of a config")
    return found


def _listed(entry: PlacedEntry | None) -> object:
    """An entry as `${defaults.0}` finds it."""
    if entry is None:
        return SELF
    value = list(entry.value) if isinstance(entry.value, tuple) else entry.value
    return {entry.key: value} if entry.is_choice else value
