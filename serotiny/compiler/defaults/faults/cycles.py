"""SER109: defaults lists that include each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from serotiny.compiler.defaults.configs import WrittenEntry
from serotiny.compiler.syntax.defaults_list import DefaultsEntry
from serotiny.diagnostics import NOWHERE, Diagnostic


@dataclass(frozen=True)
class Cycle:
    """Configs that include each other: each includes the next one, and `closing` is the entry of the last one."""

    configs: tuple[str, ...]
    closing: WrittenEntry

    @property
    def fault(self) -> Diagnostic:
        """SER109 at the entry that leads back."""
        entry = self.closing.entry
        steps = " → ".join(f"`{name}`" for name in (*self.configs, self.configs[0]))
        is_one = len(self.configs) == 1
        message = (
            f"`{self.configs[0]}` includes itself"
            if is_one
            else f"the defaults lists include each other: {steps}"
        )
        fix = "take this entry out" if is_one else "take one of these steps out"
        return Diagnostic("SER109", message, entry.value_place or NOWHERE, entry.group, help=fix)


def find_cycles(starts: Iterable[str], entries: Callable[[str], Sequence[DefaultsEntry]]) -> Iterator[Cycle]:
    """Every cycle in the defaults lists that are reachable from one of `starts`.

    Args:
        starts: the paths of configs.
        entries: returns the defaults list of a config; empty when the config does not exist.
    """

    def steps(config_path: str) -> Iterator[tuple[DefaultsEntry, str]]:
        return ((entry, path) for entry in entries(config_path) for path in entry.paths(config_path))

    # iterative, since lists may be nested deeper than Python's recursion limit
    seen: set[str] = set()
    for start in starts:
        trail, ways = ([], []) if start in seen else ([start], [steps(start)])
        seen.add(start)
        while ways:
            for entry, path in ways[-1]:
                if path in trail:
                    yield Cycle(tuple(trail[trail.index(path) :]), WrittenEntry(trail[-1], entry))
                elif path not in seen:
                    seen.add(path)
                    trail.append(path)
                    ways.append(steps(path))
                    break
            else:
                ways.pop()
                trail.pop()
