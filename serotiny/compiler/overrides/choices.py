"""Overrides that set a text where an option was meant: `model.optimizer=adam`, `callbacks=full`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from serotiny.compiler.hydra.names import is_hydras
from serotiny.compiler.overrides.argument import Argument
from serotiny.compiler.project.config_files import SUFFIX
from serotiny.compiler.project_code.one_slip import is_one_slip_away
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.tree import Node, select, split
from serotiny.diagnostics import Diagnostic, closest
from serotiny.schemas.names import HYDRAS_GROUPS


def group_meant(name: str, groups: Iterable[str]) -> str | None:
    """The config group that was probably meant by `name`: the only one whose path ends with it, or the closest."""
    known = list(groups)
    last = name.rpartition("/")[2]
    ends = [group for group in known if group == last or group.endswith(f"/{last}")]
    return ends[0] if len(ends) == 1 else closest(name, known)


def refuse_misplaced_choices(
    root: Node, arguments: Sequence[Argument], sources: Sources, chosen: Collection[str]
) -> tuple[list[Argument], list[Diagnostic]]:
    """Take out overrides of values that name an option of a group.

    A text in quotes is meant as it is, and so is one that takes the place of another scalar.

    Args:
        root: the config before any of the overrides.
        arguments: the overrides of values.
        sources: the groups and their options.
        chosen: the groups that the defaults lists choose in.

    Returns:
        The other overrides, and SER106 or SER107 (where there is no such key) for each of those.
    """
    kept: list[Argument] = []
    faults: list[Diagnostic] = []
    for argument in arguments:
        key = argument.parsed.key_or_group
        existing = select(root, split(key))
        is_whole = existing is not None and existing.is_mapping
        meant, why = _choice_meant(argument, sources, chosen, is_whole), _WITH_SLASHES
        if meant is None and existing is None:
            meant, why = _choice_misspelt(argument, sources), _NO_GROUP
        group, option = meant or (None, "")
        taken = existing is not None and not isinstance(existing.value, dict | list | None)
        if group is None or taken:
            kept.append(argument)
            continue
        at_packages = sorted(name for name in chosen if name.partition("@")[0] == group)
        named = [group] if group in chosen else at_packages or [f"+{group}"]
        faults.append(_with_slashes(argument, named, option, why))
    return kept, faults


def with_group_meant(faults: Iterable[Diagnostic], sources: Sources, root: Node) -> list[Diagnostic]:
    """The faults of overrides, those of groups that are not there (SER103) with what was meant.

    Args:
        faults: those of all overrides.
        sources: the groups.
        root: the config, in which a value may be what was meant.
    """
    return [_with_suggestion(fault, sources, root) if fault.code == "SER103" else fault for fault in faults]


def _with_suggestion(fault: Diagnostic, sources: Sources, root: Node) -> Diagnostic:
    name = fault.key or ""
    keys = tuple(name.split("/"))
    meant = group_meant(name, HYDRAS_GROUPS if is_hydras(name) else sources.groups())
    holder = select(root, keys[:-1])
    is_target = holder is not None and holder.get("_target_") is not None
    # a value, which is set with dots
    if (
        meant == name
        or select(root, keys) is not None
        or (is_target and meant is not None and meant.count("/") < len(keys) - 1)
    ):
        return fault
    return fault if meant is None else replace(fault, suggestion=meant, help=None)


def refuse_hydras_choices(
    arguments: Sequence[Argument], is_group: Callable[[str], bool]
) -> tuple[list[Argument], list[Diagnostic]]:
    """Take out overrides of Hydra's values that name an option of one of its groups (`hydra.launcher=joblib`).

    Returns:
        The other overrides, and SER106 for each of those.
    """
    kept: list[Argument] = []
    faults: list[Diagnostic] = []
    for argument in arguments:
        key, value = argument.parsed.key_or_group, argument.parsed.value
        group = key.replace(".", "/")
        if argument.parsed.deletes or not isinstance(value, str) or not is_group(group):
            kept.append(argument)
            continue
        faults.append(_with_slashes(argument, [group], value))
    return kept, faults


_WITH_SLASHES: Final = "an option of a group is chosen with slashes"
_NO_GROUP: Final = "there is no group `{}`"


def _with_slashes(
    argument: Argument, groups: Sequence[str], option: str, why: str = _WITH_SLASHES
) -> Diagnostic:
    """SER106 for an override of a value that is meant to choose an option of one of `groups`."""
    key = argument.parsed.key_or_group
    message = f"`{argument.text}` sets a text; {why.format(key)}"
    fix = f"write {' or '.join(f'`{name}={option}`' for name in groups)}"
    return Diagnostic("SER106", message, argument.key_place, key, help=fix)


def _choice_meant(
    argument: Argument, sources: Sources, chosen: Collection[str], is_whole: bool
) -> tuple[str, str] | None:
    """The group, as an override names it, and the option that were meant by a text; None where none were.

    `is_whole` says that a mapping stands at the key, for which a text is hardly meant: an option may be less alike.
    """
    override = argument.parsed
    if override.deletes or override.is_quoted or not isinstance(override.value, str):
        return None
    key, value = override.key_or_group, override.value.removesuffix(SUFFIX)
    at_key = [name for name in chosen if name.partition("@")[2] == key]
    path = key.replace(".", "/")
    names = sources.groups()
    ends = [path] if path in names else [name for name in names if name.endswith(f"/{key}")]
    for name in (*at_key, *ends):
        options = sources.options(name.partition("@")[0])
        exactly = value if value in options else None
        # a misspelt option of the group at this very key
        option = exactly or (
            closest(value, options, cutoff=0.6 if is_whole else 0.75) if name in (*at_key, path) else None
        )
        if option is not None:
            return name, option
    return None


def _choice_misspelt(argument: Argument, sources: Sources) -> tuple[str, str] | None:
    """The group of almost this name that has an option of exactly this one; None where a value is to be added."""
    override = argument.parsed
    is_added = argument.text.startswith("+") and "/" not in override.key_or_group
    if not is_added or override.is_quoted or not isinstance(override.value, str):
        return None
    value = override.value.removesuffix(SUFFIX)
    near = [name for name in sources.groups() if is_one_slip_away(name, override.key_or_group)]
    return (near[0], value) if len(near) == 1 and value in sources.options(near[0]) else None
