"""Which nodes of its configs a project's code reads, and which it makes objects of."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final

from serotiny.cache.questions import question
from serotiny.compiler.project.entry_points import EntryPoint
from serotiny.compiler.project_code.config_uses import ConfigUses
from serotiny.compiler.project_code.questions.additions import Additions
from serotiny.compiler.project_code.questions.subject import Subject
from serotiny.compiler.project_code.questions.targets import Targets
from serotiny.compiler.project_code.supplies import INSTANTIATING, config_path
from serotiny.compiler.tree import Keys, ends_with

_WHOLE: Final = frozenset({"resolve", "to_object", "**", ".items()", ".values()"})
"""What stands in a module that uses a whole node, whatever is in it."""


@dataclass
class Making(Subject):
    """What a project's code reads, and what it makes.

    Attributes:
        points: the places where its scripts name their configs.
        uses: what each of its modules reads and makes.
        additions: what it gives to what it makes.
        targets: what it does with targets itself.
    """

    asked_as: ClassVar[str] = "making"

    points: Callable[[], tuple[EntryPoint, ...]]
    uses: ConfigUses
    additions: Additions
    targets: Targets

    @question
    def reads(self, keys: Keys, *, is_spared: bool = False) -> bool:
        """Whether the project's code reads the value at these keys, and instantiates no node around it.

        Args:
            keys: the place of the value.
            is_spared: whether its node is left out where a node around that is instantiated.
        """
        if not any(keys[-2:] in found.read for found in self.uses.reading(keys)):
            return False
        node = keys[:-1]
        if is_spared:
            return not any(found.makes_itself(node) for found in self.uses.making)
        return not self.makes(node)

    @question
    def makes(self, keys: Keys) -> bool:
        """Whether the project's code is seen to instantiate the node at these keys, or one around it."""
        return any(reads.makes(keys) for reads in self.uses.making)

    @question
    def is_made_elsewhere(self, keys: Keys, primary: str) -> bool:
        """Whether the node at these keys is seen to be made, but only by scripts that start from other primary configs.

        All other code reads no more than parts of it.
        """
        if not any(point.is_script and point.config == primary for point in self.points()):
            return False
        makers = [file for file, use in self.uses.with_words(INSTANTIATING) if use.makes(keys)]
        users = {*makers, *self.uses.modules.holding({str(keys[-1])})}
        started = {file: self.additions.started_by(file) for file in users}
        others = {file for file in users if started[file] and primary not in started[file]}
        rest = self.uses.modules.parsed(users - others)
        return bool(makers) and others.issuperset(makers) and not any(_takes(tree, keys) for _, tree in rest)

    @question
    def makes_in_full(self, keys: Keys) -> bool:
        """Whether the project's code certainly instantiates the node at these keys, and all that it gives it is seen.

        Where there are scripts for several primary configs, it is not known which of them runs the code.
        """
        primaries = {(point.folder, point.config) for point in self.points() if point.is_script}
        if len(primaries) != 1 or any(name is None for _, name in primaries):
            return False
        found = list(self.uses.making)
        is_spread = any(ends_with(keys, path) for reads in found for path in reads.spread if path)
        return not is_spread and any(keys in reads.made_in_full for reads in found)

    @question
    def makes_around(self, keys: Keys) -> bool:
        """Whether the code is seen to have Hydra make a node around the one at these keys, in no other way and with nothing in its place."""
        making = list(self.uses.making)
        for depth in range(1, len(keys)):
            whole = keys[:depth]
            is_in_full = any(whole in reads.made_in_full for reads in making)
            otherwise = (path for reads in making for path in reads.made_otherwise if path)
            if is_in_full and not (
                any(ends_with(whole, path) for path in otherwise)
                or any(
                    supply.is_open or supply.is_flat or keys[depth] in supply.names
                    for supply in self.additions.supplies_of(whole)
                )
            ):
                return True
        return False

    @question
    def makes_whole(self, primary: str) -> bool:
        """Whether the project's code may instantiate the whole of a primary config; so it may where no script is seen."""
        is_seen = any(point.is_script and point.config == primary for point in self.points())
        return (
            not is_seen or self.targets.calls_whole() or any(reads.makes_whole for reads in self.uses.making)
        )

    @question
    def makes_on_condition(self, keys: Keys) -> bool:
        """Whether the project's code instantiates the node at these keys, but only where a condition holds."""
        found = [reads for reads in self.uses.making if reads.makes(keys)]
        return bool(found) and all(reads.makes_on_condition(keys) for reads in found)

    @question
    def asks(self, keys: Keys) -> bool:
        """Whether a condition in the project's code depends on the value at these keys."""
        return any(("", *keys)[-2:] in found.asked for found in self.uses.reading(keys))

    @question
    def expects_null(self, name: str) -> bool:
        """Whether the project's code asks if a key of this name is null, in some part of a config."""
        return any(name in use.unset for _, use in self.uses.with_words({name}))

    @question
    def leaves_unread(self, primary: str, keys: Keys) -> bool:
        """Whether the scripts that start from a primary config are seen not to read the value at these keys.

        Where they hand the config on, no module may read a value of that name, or resolve a whole config.
        """
        files = [point.file for point in self.points() if point.is_script and point.config == primary]
        scripts = [use for file, use in self.uses.with_words({"hydra"}) if file in files]
        if not scripts or all(use.leaves_unread(keys) for use in scripts):
            return bool(scripts)
        words = {str(keys[-1]), *INSTANTIATING, *_WHOLE}
        uses = (use for _, use in self.uses.with_words(words))
        is_seen = all(use.is_some or use.hands_on for use in scripts)
        return is_seen and all(use.never_reads(keys) for use in uses)


def _takes(tree: ast.Module, keys: Keys) -> bool:
    """Whether a module reads the node at some keys other than for one below it: `build(cfg.model)`, not `cfg.model.width`."""
    nodes = [*ast.walk(tree)]
    passed_through = {id(node.value) for node in nodes if isinstance(node, ast.Attribute | ast.Subscript)}
    for node in nodes:
        match node:
            case ast.Attribute(value=ast.Name(id="self")):
                continue  # what an object keeps is read where it gets it
            case ast.Attribute() | ast.Subscript() if id(node) not in passed_through:
                path = config_path(node, {})
            case ast.Call(
                func=ast.Attribute(value=holder, attr="get"), args=[ast.Constant(value=str(key)), *_]
            ):
                path = (*config_path(holder, {}), key)
            case _:
                continue
        if path and ends_with(keys, path):
            return True
    return False
