"""Options of several groups that go together, such as an algorithm and the settings for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.override import key_of
from serotiny.compiler.syntax.references import key_references
from serotiny.compiler.tree import Keys, every, split
from serotiny.compiler.usage.defaults_graph import DefaultsGraph, plain_path
from serotiny.compiler.usage.incomplete.givers import Givers
from serotiny.compiler.usage.outcome import Call
from serotiny.diagnostics import Diagnostic

_SEVERAL: Final = 2
"""The number of options that leave a key out on purpose; in a single one it may be misspelt."""


class SetsOfOptions:
    """Finds the interpolations that name a key of options other than the chosen one.

    Args:
        sources: the configs of the project.
        graph: which of them name which.
        givers: which of them set a value; it is told what the answers depended on.
    """

    def __init__(self, sources: Sources, graph: DefaultsGraph, givers: Givers) -> None:
        self._sources = sources
        self._graph = graph
        self._givers = givers

    def goes_with_others(self, fault: Diagnostic, target: Keys, call: Call, composed: Composed) -> str | None:
        """Why the key of an interpolation is missing only in combinations that nobody runs; None if it is not so.

        Such are the settings for several algorithms in one group, of which each algorithm refers to some: several
        options of the chosen group leave the key out, or the chosen one is an empty file, for none; and what refers to
        the key is itself an option among others. Or another of those others refers to keys that only some options of
        the chosen group have, the chosen one among them, or has the name of the chosen one: the two go together.
        Or the chosen option leaves out a whole part that a sibling chooses. Or it was filled in for `???`, where a sibling
        has the key.
        """
        self._givers.depend_on_all()
        asking = {self._graph.group_of(path) for path, _ in composed.order if self._is_at(fault, path)}
        for override in call[1]:
            group = key_of(override)
            config_path = f"{group}/{override.partition('=')[2]}"
            package = self._givers.package_of(config_path)
            others = [name for name in asking if name != group]
            if not (package and target[: len(package)] == package):
                continue
            part = self._part_left_out(config_path, target[len(package) :])
            if part is not None:
                return f"`{override}` leaves the part `{part}` out: for jobs without what asks for it"
            options = self._graph.options(group)
            giving = [self._givers.gives_whole(f"{group}/{name}", target) for name in options]
            if any(giving) and override != call[1][-1]:
                return f"`{override}` is one of several choices, and others give it"
            if not any(giving) or not any(map(self._is_choice, others)):
                continue
            is_several = giving.count(False) >= _SEVERAL
            apart = [name for name in others if not name.startswith(f"{group}/")]
            if any(map(self._is_choice, apart)) and (is_several or self._is_empty(config_path)):
                who = f"several options of `{group}` leave" if is_several else f"`{override}` leaves"
                return f"{who} it out: for other choices than the default"
            partner = next((path for name in others for path in self._partners(name, config_path)), None)
            if partner is not None:
                return f"`{override}` goes with {partner}, which does not ask for it"
        return None

    def _part_left_out(self, config_path: str, target: Keys) -> str | None:
        """The group below that of an option in which a sibling chooses all that it does and one more; None if there is none."""
        own = self._groups_in(config_path)
        group = self._graph.group_of(config_path)
        part = f"{group}/{target[0]}" if target else ""
        others = (self._groups_in(f"{group}/{name}") for name in self._graph.options(group))
        is_left_out = own and any(part in chosen and own == chosen - {part} for chosen in others)
        return str(target[0]) if is_left_out else None

    def _groups_in(self, config_path: str) -> set[str]:
        """The groups of the configs that a config's list names."""
        return {self._graph.group_of(path) for path in self._graph.parts(config_path)}

    def _partners(self, group: str, config_path: str) -> Iterator[str]:
        """The options of a group that name only such keys of a config's package as it gives, and not every sibling does.

        One of the same name need not be told from those of the siblings.
        """
        gives = self._givers.gives_whole
        alike = config_path.rpartition("/")[2]
        package, own = self._givers.package_of(config_path), self._graph.group_of(config_path)
        siblings = [path for name in self._graph.options(own) if (path := f"{own}/{name}") != config_path]
        for option in self._graph.options(group):
            asked = {keys for keys in self._named_in(f"{group}/{option}") if keys[: len(package)] == package}
            if (
                asked
                and all(gives(config_path, keys) for keys in asked)
                and (
                    option == alike or all(any(not gives(path, keys) for keys in asked) for path in siblings)
                )
            ):
                yield f"`{group}={option}`"

    def _named_in(self, config_path: str) -> set[Keys]:
        """The keys that the interpolations of a config name."""
        document = self._sources.document(config_path)
        if document is None:
            return set()
        texts = [node.value for node in every(document.root) if isinstance(node.value, str)]
        return {split(found.key) for text in texts for found in key_references(text)}

    def _is_empty(self, config_path: str) -> bool:
        document = self._sources.document(config_path)
        return document is not None and not document.diagnostics and document.root.value in (None, {})

    def _is_at(self, fault: Diagnostic, config_path: str) -> bool:
        return self._graph.file(plain_path(config_path)) == fault.place.file

    def _is_choice(self, group: str) -> bool:
        """Whether a group has more than one option."""
        return len(list(self._graph.options(group))) > 1
