"""SER308: a misspelt key, in the place of one that the project's own script reads from its config."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeAlias

from serotiny.compiler.project import Project
from serotiny.compiler.project_code import ProjectCode
from serotiny.compiler.project_code.one_slip import is_one_slip_away
from serotiny.compiler.project_code.scripts.script_reads import ScriptRead
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.tree import Keys, Node, is_unread, join
from serotiny.compiler.validation.memo import NodeMemo
from serotiny.diagnostics import Diagnostic, Severity, closest

_NOT_WHOLE: Final = frozenset({"SER103", "SER104", "SER105"})
"""With one of these a part of the config is not known."""
_LIKE: Final = 0.75
_TARGET: Final = "_target_"

_Unknown: TypeAlias = tuple[Keys, Node, list[Any], bool]
"""A mapping with the keys in it that the project's code has no word for, and whether it stands in a node with a `_target_`."""


@dataclass(frozen=True, kw_only=True)
class ScriptReadJudge:
    """Judges the keys beside those that a script reads in vain."""

    project: Project
    code: ProjectCode
    memo: NodeMemo

    def faults(self, resolved: Resolved) -> Iterator[Diagnostic]:
        """The keys of a job that nothing reads, each where the project's code reads a key of almost the same name."""
        if any(found.code in _NOT_WHOLE for found in resolved.composed.diagnostics):
            return
        told = set()
        for fault in self._beside_reads(resolved):
            told.add(fault.key)
            yield fault
        referred = frozenset(keys[-1] for keys in resolved.referenced if keys)
        unread = [
            (keys, node, [name for name in names if name not in referred], is_within)
            for keys, node, names, is_within in self._unknown(resolved.root)
        ]
        for keys, node, names, _ in unread:
            found = self._of_any_module(keys, node, names)
            yield from (fault for fault in found if fault.key not in told)
        for keys, node, names, is_within in unread:
            if not is_within:
                yield from self._beside_another(keys, node, names, referred)

    def _unknown(self, root: Node) -> Iterator[_Unknown]:
        """The keys of a config that the project's code has no word for."""
        is_within = "_target_" in root.value
        if _is_read_by_code(root):
            yield from self._without_word((), root, is_within)
        for name, part in root.children():
            inside = partial(self._inside, (name,), part, is_within)
            yield from self.memo.of(("words", name, is_within), [part], inside)

    def _inside(self, keys: Keys, part: Node, is_within: bool) -> list[_Unknown]:
        return [found for place in _mappings(part, keys, is_within) for found in self._without_word(*place)]

    def _without_word(self, keys: Keys, node: Node, is_within: bool) -> Iterator[_Unknown]:
        names = [name for name in node.value if not self.code.words.mentions(str(name))]
        if names:
            yield keys, node, names, is_within

    def _beside_another(
        self, keys: Keys, node: Node, names: Sequence[Any], referred: Collection[object]
    ) -> Iterator[Diagnostic]:
        """What nothing reads of a node, where another file gives what is read under almost the same name."""
        for name in names:
            value = node.value[name]
            if not isinstance(name, str) or is_unread(value):
                continue
            near = [key for key in node.value if isinstance(key, str) and is_one_slip_away(key, name)]
            if len(near) != 1 or not self._is_read(near[0], referred):
                continue
            other = node.value[near[0]]
            if value.blame_key().file != other.blame_key().file and _may_stand_for(value, other):
                key = join((*keys, name))
                message = f"nothing reads `{key}`, which stands beside `{join((*keys, near[0]))}`"
                yield Diagnostic("SER308", message, value.blame_key(), key, suggestion=near[0])

    def _is_read(self, name: object, referred: Collection[object]) -> bool:
        """Whether code may read a key of this name, or an interpolation does."""
        return name in referred or self.code.words.mentions(str(name))

    def _of_any_module(self, keys: Keys, node: Node, names: Sequence[Any]) -> Iterator[Diagnostic]:
        """What nothing reads of a node, where some module reads another key of one with its name."""
        holder = str(keys[-1]) if keys else ""
        for name in names:
            meant = self.code.words.reads_instead(holder, str(name), tuple(node.value))
            if meant is not None and meant != _TARGET and not self._is_set((*map(str, keys), meant)):
                yield Diagnostic(
                    "SER308",
                    f"nothing reads `{join((*keys, name))}`, and the project's code reads `{join((*keys, meant))}`, "
                    "which is not there",
                    node.value[name].blame_key(),
                    join((*keys, name)),
                    suggestion=meant,
                    severity=Severity.WARNING,
                )

    def _beside_reads(self, resolved: Resolved) -> Iterator[Diagnostic]:
        """The keys beside those that the script reads in vain."""
        primary = resolved.composed.primary
        reads = self.code.scripts.script_reads(primary)
        known = {read.keys[:depth] for read in reads for depth in range(1, len(read.keys) + 1)}
        told: set[tuple[str, ...]] = set()
        for read in reads:
            found = _missing(resolved.root, read.keys)
            # of a misspelt target it is told that nothing is made of its node
            if found is None or found[0] in told or found[0][-1] == _TARGET or self._is_set(found[0]):
                continue
            missing, holder = found
            told.add(missing)
            above = missing[:-1]
            others = [name for name in map(str, holder.value) if (*above, name) not in known]
            unknown = [name for name in others if (*above, name) not in resolved.referenced]
            place = partial(self._place, primary, read)
            fault = self._beside(place, missing, holder, unknown)
            is_slip = read.is_certain and fault is None
            fault = self._instead(place, missing, holder, others) if is_slip else fault
            if fault is not None:
                severity = Severity.ERROR if read.is_certain else Severity.WARNING
                yield replace(fault, severity=severity)

    def _beside(
        self, place: Callable[[], str], missing: tuple[str, ...], holder: Node, unread: Collection[str]
    ) -> Diagnostic | None:
        """A key that nothing reads, in the place of one that is not there."""
        *above, name = missing
        meant = closest(name, unread, _LIKE) if "_target_" not in holder.value else None
        if meant is None or self.code.words.mentions(meant):
            return None
        key = join((*above, meant))
        message = f"nothing reads `{key}`, and {place()} reads `{join(missing)}`, which is not there"
        return Diagnostic("SER308", message, holder.value[meant].blame_key(), key, suggestion=name)

    @staticmethod
    def _instead(
        place: Callable[[], str], missing: tuple[str, ...], holder: Node, others: Collection[str]
    ) -> Diagnostic | None:
        """A key that is one slip away from what the script certainly reads, and that something else may read too.

        One of the keys that the script reads itself (all but the `others`) is meant as it is.
        """
        *above, name = missing
        near = [key for key in others if is_one_slip_away(name, key)]
        if len(near) != 1:
            return None
        key = join((*above, *near))
        message = f"{place()} reads `{join(missing)}`, which is not there, beside `{key}`"
        fix = f"read `{near[0]}` in the script, or give `{name}` here as well"
        return Diagnostic("SER308", message, holder.value[near[0]].blame_key(), key, help=fix)

    def _place(self, primary: str, read: ScriptRead) -> str:
        return f"{self.project.shown(read.file)}:{self.code.scripts.line_of_read(primary, read.keys)}"

    def _is_set(self, keys: tuple[str, ...]) -> bool:
        """Whether the project's code may add a key to its config."""
        return (
            keys[0] == "hydra"
            or any(self.code.additions.sets(key) for key in keys)
            or self.code.additions.gives(keys)
            or self.code.words.may_assign(keys[-1])
        )


def _may_stand_for(one: Node, other: Node) -> bool:
    """Whether both are a mapping, a list or a single value; null may be put in the place of any."""
    forms = [(node.is_mapping, node.is_list) for node in (one, other) if node.value is not None]
    return len({*forms}) < len((one, other))


def _mappings(node: Node, keys: Keys, is_within: bool) -> Iterator[tuple[Keys, Node, bool]]:
    """The mappings of a config, without those that Hydra makes something of, or whose keys are not all known.

    Each comes with whether it stands in a node that Hydra makes something of.
    """
    if _is_read_by_code(node):
        yield keys, node, is_within
    if node.is_mapping:
        is_inside = is_within or "_target_" in node.value
        for name, child in node.value.items():
            yield from _mappings(child, (*keys, name), is_inside)


def _is_read_by_code(node: Node) -> bool:
    return node.is_mapping and not node.incomplete and "_target_" not in node.value


def _missing(root: Node, keys: tuple[str, ...]) -> tuple[tuple[str, ...], Node] | None:
    """The first of some keys that is not there, with the mapping in which it would stand; None where that is not known."""
    node = root
    for depth, key in enumerate(keys):
        if not node.is_mapping or node.incomplete:
            return None
        if key not in node.value:
            return keys[: depth + 1], node
        node = node.value[key]
    return None
