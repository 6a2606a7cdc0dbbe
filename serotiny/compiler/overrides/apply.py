"""Apply overrides of values to the tree, as Hydra applies them to its config."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from serotiny.compiler.lookup import closest_keys, reach
from serotiny.compiler.overrides.argument import Argument
from serotiny.compiler.overrides.quoting import for_shell
from serotiny.compiler.project_code.one_slip import is_one_slip_away
from serotiny.compiler.syntax.laid_over import with_copies
from serotiny.compiler.syntax.references import LONGEST_CHAIN, reference_to
from serotiny.compiler.tree import (
    MISSING,
    Keys,
    Node,
    clashes,
    instead,
    join,
    merge,
    replace_at,
    select,
    split,
)
from serotiny.diagnostics import Diagnostic
from serotiny.diagnostics.suggestions import as_question
from serotiny.schemas.rules.homes import HOMES, RENAMED
from serotiny.targets.value_types.words import kind_in_words


@dataclass(frozen=True)
class Look:
    """An interpolation that Hydra resolves before `+` sets something at its key or below, or `~` deletes that.

    Attributes:
        argument: the override.
        root: the tree as the override finds it.
        keys: where the interpolation stands.
    """

    argument: Argument
    root: Node
    keys: Keys


def apply_overrides(
    root: Node, arguments: Sequence[Argument]
) -> tuple[Node, list[Diagnostic], tuple[Look, ...]]:
    """Apply overrides of values, in order.

    Returns:
        The new tree, with SER103 (no such group), SER106 (cannot be applied) and SER107 (no such key), and the
        interpolations that must have a value for it. An override at fault changes nothing.
    """
    faults: list[Diagnostic] = []
    looks: list[Look] = []
    for argument in arguments:
        outcome = _apply(root, argument)
        if isinstance(outcome, Diagnostic):
            faults.append(outcome)
        else:
            seen = _interpolation_on(root, split(argument.parsed.key_or_group))
            if (argument.parsed.adds or argument.parsed.deletes) and seen is not None:
                looks.append(Look(argument, root, seen))
            root = outcome
    return root, faults, tuple(looks)


def _interpolation_on(root: Node, keys: Keys) -> Keys | None:
    """The first of the steps to `keys` at which there may be an interpolation."""
    for depth in range(1, len(keys) + 1):
        node = select(root, keys[:depth])
        if node is not None and _may_be_interpolation(node):
            return keys[:depth]
    return None


def _may_be_interpolation(node: Node) -> bool:
    # what one was resolved to may be a text with `${`, where that was escaped
    return isinstance(node.value, str) and "${" in node.value and node.reference is None


def refused_after(look: Look, seen: Node) -> list[Diagnostic]:
    """SER106 or SER107 where an override cannot be applied to the tree in which its interpolations have values."""
    is_at_it = look.keys == split(look.argument.parsed.key_or_group)
    if is_at_it and not look.argument.parsed.deletes and isinstance(look.argument.node().value, dict | list):
        return []  # takes its place: only what is written there is merged
    return apply_overrides(seen, [look.argument])[1]


def _apply(root: Node, argument: Argument) -> Node | Diagnostic:
    override = argument.parsed
    key = override.key_or_group
    # the name of a group, which Hydra would have taken as a choice if there were one
    if override.package is not None or "/" in key:
        _, equals, value = argument.text.partition("=")
        dotted = f"{override.sign}{key.replace('/', '.')}{equals}{value}"
        fix = f"`serotiny train --help` lists the groups; a value is set with dots: `{for_shell(dotted)}`"
        return Diagnostic("SER103", f"there is no config group `{key}`", argument.key_place, key, help=fix)
    if _has_null_key(override.value):
        message, fix = (
            f"`{argument.text}` has a mapping with the key `null`",
            "name it, or put it in quotes in a file",
        )
        return Diagnostic("SER106", message, argument.value_place, key, help=fix)
    keys = split(key)
    outside = _outside_list(root, keys, argument)
    if outside is not None:
        return outside
    if override.deletes:
        return _delete(root, keys, argument)
    node = replace(argument.node(), key_place=argument.step_place(len(keys) - 1))
    existing = select(root, keys)
    if existing is not None and existing.is_mapping:
        root = with_copies(root, node, keys)
        existing = select(root, keys)
    # Hydra's rule: `+` replaces null and `???`, merges lists and mappings, and is refused over any other value
    if override.adds and existing is not None and existing.value not in (None, MISSING):
        # whether an interpolation is null is known when it is resolved
        if not _may_be_interpolation(existing) and not isinstance(node.value, dict | list):
            message = f"`{key}` is there already"
            change, either = for_shell(argument.text[1:]), for_shell(f"+{argument.text}")
            fix = f"write `{change}` to change it, or `{either}` to set it either way"
            return Diagnostic("SER106", message, argument.key_place, key, help=fix)
    elif existing is None and override.sign not in ("+", "++") and not _may_be_there(root, keys):
        return _unknown_key(root, keys, argument)
    if (fault := _misfit(root, node, keys, argument)) is not None:
        return fault
    return _set(root, keys, node, argument)


def _may_be_there(root: Node, keys: Keys) -> bool:
    """Whether a key that is not found may be one of a part that could not be read, as of a config that code stores.

    It is none where it is a letter off another one beside it.
    """
    depth, parent = reach(root, keys)
    around = (select(root, keys[:count]) for count in range(depth + 1))
    if not any(node is not None and node.incomplete for node in around):
        return False
    beside = parent.value if parent.is_mapping else {}
    return not any(is_one_slip_away(str(keys[depth]), str(known)) for known in beside)


def _has_null_key(value: Any) -> bool:
    """Whether a mapping of a value has null for a key, which OmegaConf does not take."""
    if isinstance(value, dict):
        return None in value or any(_has_null_key(item) for item in value.values())
    return isinstance(value, list) and any(_has_null_key(item) for item in value)


def _misfit(root: Node, node: Node, keys: tuple[str, ...], argument: Argument) -> Diagnostic | None:
    """SER106 or SER107 for a value that cannot be merged into that which is there."""
    key, existing = argument.parsed.key_or_group, select(root, keys)
    if existing is None:
        return None
    for below, first, top in clashes(existing, node):
        name = join((*keys, *below))
        message = (
            f"{kind_in_words(top.value)} cannot be laid over `{name}`, which is {kind_in_words(first.value)}"
        )
        fix = f"delete it before (`~{name}`), and add the other one with `++`"
        return Diagnostic("SER106", message, argument.value_place, key, help=fix)
    for new in _new_keys(existing, node, keys) if not argument.parsed.sign else ():
        return _unknown_key(root, new, argument)
    return None


def _new_keys(existing: Node, node: Node, keys: Keys) -> Iterator[Keys]:
    """The keys of a mapping that the mapping it is merged into does not have."""
    if existing.is_mapping and node.is_mapping and not existing.incomplete:
        for name, child in node.value.items():
            below = existing.get(name)
            if below is None:
                yield (*keys, name)
            else:
                yield from _new_keys(below, child, (*keys, name))


def _outside_list(root: Node, keys: tuple[str, ...], argument: Argument) -> Diagnostic | None:
    """SER107 for an element that a list on the way does not have: overrides neither lengthen nor name one."""
    depth, parent = reach(root, keys)
    if depth == len(keys) or not parent.is_list:
        return None
    where, length = join(keys[:depth]), len(parent.value)
    what = f"`{where}` is a list of {length} and has no element `{keys[depth]}`"
    fix = f"elements are counted from 0; to add one give the whole list: `{where}=[…]`"
    return Diagnostic("SER107", what, argument.step_place(depth), argument.parsed.key_or_group, help=fix)


def _set(root: Node, keys: tuple[Hashable, ...], node: Node, argument: Argument) -> Node:
    existing = select(root, keys)
    if existing is not None:
        merged = node if not (existing.is_mapping and node.is_mapping) else merge(existing, node)
        if merged is node:
            merged = instead(existing, node)
        return replace_at(root, keys, merged)
    for depth in range(1, len(keys)):  # a plain value on the path is replaced by a mapping
        step = select(root, keys[:depth])
        if step is not None and not isinstance(step.value, dict | list):
            root = replace_at(root, keys[:depth], replace(step, value={}))
        elif step is None:
            root = replace_at(root, keys[:depth], Node({}, node.place, argument.step_place(depth - 1)))
    return replace_at(root, keys, node)


def _delete(root: Node, keys: tuple[str, ...], argument: Argument) -> Node | Diagnostic:
    key = argument.parsed.key_or_group
    existing = select(root, keys)
    seen = _interpolation_on(root, keys)
    if seen is not None:  # what it leads to is looked at when it is resolved
        meant = _through(root, seen, keys)
        return root if select(root, meant) is None else replace_at(root, meant, None)
    if existing is None:
        return root if _may_be_there(root, keys) else _unknown_key(root, keys, argument)
    if existing.value is None:  # which Hydra treats as absent
        message, fix = f"`{key}` is null, which cannot be deleted", "take it out: there is nothing to delete"
        return Diagnostic("SER106", message, argument.key_place, key, help=fix)
    parent = select(root, keys[:-1])
    if parent is not None and parent.is_list:  # Hydra deletes only keys of mappings
        fix = f"give the list without it: `{join(keys[:-1])}=[…]`"
        message = f"`{key}` is an element of a list, which cannot be deleted alone"
        return Diagnostic("SER106", message, argument.key_place, key, help=fix)
    wanted = argument.parsed.value
    if wanted is not None and wanted != existing.plain():
        message = f"`{key}` is not deleted: its value is `{existing.plain()}`, not `{wanted}`"
        fix = f"write `~{key}` to delete it whatever its value is"
        return Diagnostic("SER106", message, argument.value_place, key, help=fix)
    return replace_at(root, keys, None)


def _through(root: Node, seen: Keys, keys: Keys) -> Keys:
    """Where the value at `keys` is, of which a part is a reference to another node."""
    for _ in range(LONGEST_CHAIN):
        node = select(root, seen)
        meant = reference_to(node.value, seen) if node is not None and seen != keys else None
        if meant is None:
            break
        keys = (*meant, *keys[len(seen) :])
        further = _interpolation_on(root, keys)
        if further is None:
            break
        seen = further
    return keys


_OF_HYDRA = frozenset(
    {"job", "launcher", "output_subdir", "run", "searchpath", "sweep", "sweeper", "verbose"}
)
"""Keys that are known from Hydra's own node."""
_GROUPS = frozenset({"launcher", "sweeper"})
"""Those among them of which an option is chosen."""
_MODES = ("RUN", "MULTIRUN")
"""The values of Hydra's `mode`; serotiny's own has others."""


def _unknown_key(root: Node, keys: Keys, argument: Argument) -> Diagnostic:
    """SER107, with the closest key that exists: beside it, or anywhere of that name.

    Args:
        root: the tree.
        keys: the keys that lead to nothing; those of the argument, or further ones in its value.
        argument: the override.
    """
    key = argument.parsed.key_or_group
    depth, parent = reach(root, keys)
    is_in_value = depth >= len(split(key))
    place = argument.value_place if is_in_value else argument.step_place(depth)
    is_hydras = keys[0] in _OF_HYDRA or (keys == ("mode",) and _mode_of(argument) in _MODES)
    if not is_in_value and is_hydras and select(root, keys[:1]) is None:
        message, fix = f"the config has no key `{keys[0]}`", _hydras(keys, argument)
        return Diagnostic("SER107", message, place, key, help=fix)
    where = f"`{join(keys[:depth])}`" if depth else "the config"
    is_null = not isinstance(parent.value, dict | list)
    what = f"{where} is {kind_in_words(parent.value)} and" if is_null else where
    message = f"{what} has no key `{keys[depth]}`"
    meant = closest_keys(root, keys)
    is_beside = meant is not None and meant[:-1] == keys[:depth]
    if meant is not None and is_in_value and is_beside:
        return Diagnostic("SER107", message, place, key, help=as_question(str(meant[-1])))
    if meant is not None and not is_in_value:
        # the place is that of one step, which another one beside it can stand for
        suggestion = str(meant[-1]) if is_beside else join(meant)
        return Diagnostic("SER107", message, place, key, suggestion=suggestion)
    return Diagnostic("SER107", message, place, key, help=_how_to_add(parent, keys, argument))


def _hydras(keys: Keys, argument: Argument) -> str:
    """What to write for a key that only Hydra's own node has, or nothing but what a sweeper is told."""
    if keys == ("mode",):
        return f"write `hydra.mode={_mode_of(argument)}`"
    if keys[:1] == ("sweep",) and keys[1:2] not in (("dir",), ("subdir",)):
        return how_to_add(argument.text)
    if len(keys) == 1 and keys[0] in _GROUPS and isinstance(argument.parsed.value, str):
        return f"write `hydra/{argument.text}`"
    return f"write `{for_shell(f'hydra.{argument.text}')}`"


def _mode_of(argument: Argument) -> str:
    return str(argument.parsed.value).upper()


def how_to_add(override: str) -> str:
    """The help that adds a key instead of changing it."""
    return f"write `{for_shell(f'+{override}')}` to add it"


def _how_to_add(parent: Node, keys: Keys, argument: Argument) -> str:
    """What to write for a key that is like none of those of the mapping that it would be added to."""
    renamed = RENAMED.get(str(keys[0]))
    if renamed is not None and not argument.parsed.deletes:
        other = f"{renamed}{argument.text[len(str(keys[0])) :]}"
        sign = "" if parent.get(renamed) is not None else "+"
        return f"it is called `{renamed}`: write `{for_shell(f'{sign}{other}')}`"
    home = HOMES.get(str(keys[0])) if len(keys) == 1 else None
    where = f"{home}." if home is not None and parent.get(home) is not None else ""
    adding = how_to_add(f"{where}{argument.text}")
    if argument.parsed.deletes:
        return "take it out: there is nothing to delete"
    if argument.is_hydra and parent.value is None:
        return "write it in a file, under the key `hydra`"  # null is not merged from the command line
    # Hydra's own mappings are empty where anything may be added
    if not argument.is_hydra or not parent.value:
        return adding
    return "Hydra has no such setting: `serotiny train --cfg hydra` shows those that it has"
