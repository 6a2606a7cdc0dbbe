"""Apply command-line overrides of values to the tree, as Hydra applies them to its config."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from serotiny.compiler.hydra_adapter import Override, Rejected, parse_override
from serotiny.compiler.tree import Node, describe, join, merge, replace_at, select, split, walk
from serotiny.diagnostics import Diagnostic, Origin, Place, did_you_mean


@dataclass(frozen=True)
class Argument:
    """One override as typed and as Hydra parsed it."""

    text: str
    parsed: Override

    @property
    def key_place(self) -> Place:
        """The span of the key, without `+`, `++` or `~`."""
        start = len(self.text) - len(self.text.lstrip("+~")) + 1
        end = self.text.find("=") + 1 or len(self.text) + 1
        return _span(self.text, start, end)

    def step_place(self, depth: int) -> Place:
        """The span of one step of the key: in `a.b.c=1`, that of `b` at depth 1."""
        whole = self.key_place
        assert whole.column is not None
        assert whole.end_column is not None
        steps = list(re.finditer(r"[^.\[\]]+", self.text[whole.column - 1 : whole.end_column - 1]))
        if depth >= len(steps):
            return whole
        return _span(self.text, whole.column + steps[depth].start(), whole.column + steps[depth].end())

    @property
    def value_place(self) -> Place:
        """The span behind `=`; the key's where there is none."""
        equals = self.text.find("=")
        if equals < 0:
            return self.key_place
        return _span(self.text, equals + 2, max(len(self.text) + 1, equals + 3))

    def node(self) -> Node:
        """The value as a tree, every part of it at the place of the whole."""
        return _node(self.parsed.value(), self)

    @property
    def is_hydra(self) -> bool:
        """Whether it is about Hydra itself (`hydra.run.dir`, `hydra/launcher`)."""
        return self.parsed.is_hydra_override()


def _span(text: str, start: int, end: int) -> Place:
    return Place(Origin.OVERRIDE, None, 1, start, 1, end, text)


def parse_arguments(texts: Sequence[str]) -> tuple[list[Argument], list[Diagnostic]]:
    """Parse overrides.

    Returns:
        Those that are sound, and SER106 for each that is not.
    """
    arguments: list[Argument] = []
    faults: list[Diagnostic] = []
    for text in texts:
        try:
            arguments.append(Argument(text, parse_override(text)))
        except Rejected as error:
            message = f"`{text}` is not an override: {error}"
            place = _span(text, 1, max(2, len(text) + 1))
            mend = "write `key=value`, `+key=value`, `++key=value`, `group=option` or `~key`"
            faults.append(Diagnostic("SER106", message, place, help=mend))
    return arguments, faults


def job_key(overrides: Sequence[str]) -> tuple[str, ...]:
    """The overrides of one job in one spelling, since sweepers write them anew."""
    arguments, _ = parse_arguments(overrides)
    return tuple(
        f"{argument.parsed.get_key_element()}={argument.parsed.get_value_element_as_str()}"
        for argument in arguments
    )


def refuse_sweeps(arguments: Sequence[Argument]) -> tuple[list[Argument], list[Diagnostic]]:
    """Take out sweeps, which need `-m`.

    Returns:
        The arguments with one value each, and SER106 for each sweep.
    """
    faults = [
        Diagnostic(
            "SER106",
            f"`{argument.text}` gives several values to one job",
            argument.value_place,
            argument.parsed.key_or_group,
            "add -m to sweep over them, put them in `[…]` for a list, or quote them for a string",
        )
        for argument in arguments
        if argument.parsed.is_sweep_override()
    ]
    return [argument for argument in arguments if not argument.parsed.is_sweep_override()], faults


def refuse_choices(
    arguments: Sequence[Argument], is_group: Callable[[str], bool]
) -> tuple[list[Argument], list[Diagnostic]]:
    """Take out what chooses in a group by something else than names.

    Returns:
        The other arguments, and SER106 for each of those.
    """
    kept: list[Argument] = []
    faults: list[Diagnostic] = []
    for argument in arguments:
        key, value = argument.parsed.key_or_group, argument.parsed.value()
        if is_group(key) and not _names_options(value):
            message = f"an option of `{key}` is chosen by its name"
            faults.append(
                Diagnostic("SER106", message, argument.value_place, key, "quote it if it is a name")
            )
        else:
            kept.append(argument)
    return kept, faults


def _names_options(value: Any) -> bool:
    """Whether a value names options of a group, chooses nothing, or is laid over the group's content."""
    if isinstance(value, list):
        return all(isinstance(name, str) for name in value)
    return value is None or isinstance(value, str | dict)


def apply_overrides(root: Node, arguments: Sequence[Argument]) -> tuple[Node, list[Diagnostic]]:
    """Apply overrides of values, in order.

    Returns:
        The new tree, with SER103 (no such group), SER106 (cannot be applied) and SER107 (no such key).
        An override at fault changes nothing.
    """
    faults: list[Diagnostic] = []
    for argument in arguments:
        outcome = _apply(root, argument)
        if isinstance(outcome, Diagnostic):
            faults.append(outcome)
        else:
            root = outcome
    return root, faults


def _apply(root: Node, argument: Argument) -> Node | Diagnostic:
    override = argument.parsed
    key = override.key_or_group
    if override.package is not None or "/" in key:
        return Diagnostic("SER103", f"there is no config group `{key}`", argument.key_place, key)
    keys = split(key)
    if override.is_delete():
        return _delete(root, keys, argument)
    node = replace(argument.node(), key_place=argument.step_place(len(keys) - 1))
    existing = select(root, keys)
    if override.is_add() and existing is not None and existing.value is not None:
        if not isinstance(node.value, dict | list):
            message = f"`{key}` is there already"
            mend = f"write `{argument.text[1:]}` to change it, or `+{argument.text}` to set it either way"
            return Diagnostic("SER106", message, argument.key_place, key, mend)
    elif existing is None and not (override.is_add() or override.is_force_add()):
        return _unknown_key(root, keys, argument)
    if (
        existing is not None
        and existing.is_mapping != node.is_mapping
        and node.is_list
        and existing.is_mapping
    ):
        message = f"a list cannot be laid over the mapping `{key}`"
        return Diagnostic("SER106", message, argument.value_place, key, f"delete it first: `~{key}`")
    return _set(root, keys, node, argument)


def _node(value: Any, argument: Argument) -> Node:
    place = argument.value_place
    if isinstance(value, dict):
        children = {name: replace(_node(item, argument), key_place=place) for name, item in value.items()}
        return Node(children, place, argument.key_place)
    if isinstance(value, list):
        return Node([_node(item, argument) for item in value], place, argument.key_place)
    return Node(value, place, argument.key_place)


def _set(root: Node, keys: tuple[Hashable, ...], node: Node, argument: Argument) -> Node:
    existing = select(root, keys)
    if existing is not None:
        merged = node if not (existing.is_mapping and node.is_mapping) else merge(existing, node)
        if merged is node:
            merged = replace(node, history=(*existing.history, existing.place))
        return replace_at(root, keys, merged)
    for depth in range(1, len(keys)):  # a plain value on the way gives place to a mapping
        step = select(root, keys[:depth])
        if step is not None and not isinstance(step.value, dict | list):
            root = replace_at(root, keys[:depth], replace(step, value={}))
        elif step is None:
            root = replace_at(root, keys[:depth], Node({}, node.place, argument.step_place(depth - 1)))
    return replace_at(root, keys, node)


def _delete(root: Node, keys: tuple[str, ...], argument: Argument) -> Node | Diagnostic:
    key = argument.parsed.key_or_group
    existing = select(root, keys)
    if existing is None:
        return _unknown_key(root, keys, argument)
    if existing.value is None:  # Hydra takes it for absent
        return Diagnostic("SER106", f"`{key}` is null, which cannot be deleted", argument.key_place, key)
    wanted = argument.parsed.value()
    if wanted is not None and wanted != existing.plain():
        message = f"`{key}` is not deleted: its value is `{existing.plain()}`, not `{wanted}`"
        return Diagnostic("SER106", message, argument.value_place, key)
    return replace_at(root, keys, None)


def _unknown_key(root: Node, keys: tuple[str, ...], argument: Argument) -> Diagnostic:
    """SER107, with the closest key that exists: beside it, or anywhere of that name."""
    key = argument.parsed.key_or_group
    depth = 0
    while depth < len(keys) and select(root, keys[: depth + 1]) is not None:
        depth += 1
    parent = select(root, keys[:depth]) or root
    names = [str(name) for name, _ in parent.children()]
    close = did_you_mean(keys[depth], names)
    if close is None:
        places = [join(path) for path, _ in walk(root) if path and str(path[-1]) == keys[-1]]
        close = f"did you mean `{places[0]}`?" if places else None
    nothing = "take it out: there is nothing to delete"
    mend = close or (nothing if argument.parsed.is_delete() else f"write `+{argument.text}` to add it")
    where = f"`{join(keys[:depth])}`" if depth else "the config"
    what = f"{where} has no key `{keys[depth]}`"
    if not isinstance(parent.value, dict | list):
        what = f"{where} is {describe(parent.value)} and has no key `{keys[depth]}`"
    return Diagnostic("SER107", what, argument.step_place(depth), key, mend)
