"""What to say of a defaults list that does not expand, and where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from serotiny.compiler.hydra.plugin_packages import PLUGIN_OF
from serotiny.compiler.overrides.argument import Argument
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.defaults_list import DefaultsEntry, absolute
from serotiny.diagnostics import NOWHERE, Diagnostic, Origin, Place, closest

_HYDRA_GROUPS = (
    "callbacks",
    "env",
    "help",
    "hydra_help",
    "hydra_logging",
    "job_logging",
    "launcher",
    "output",
    "sweeper",
)


@dataclass(frozen=True)
class WrittenEntry:
    """An entry of a defaults list, and the config that it stands in."""

    config_path: str
    entry: DefaultsEntry


def missing_config(
    config_path: str, arguments: Iterable[Argument], written: Iterable[WrittenEntry], sources: Sources
) -> Diagnostic:
    """SER103, SER104 or SER105 at the argument or entry that asks for a config which does not exist."""
    group, _, option = config_path.rpartition("/")
    for argument in arguments:
        named, value = argument.parsed.key_or_group, argument.parsed.value()
        if f"{named}/{value}" == config_path:
            return _unknown_option(named, str(value), argument.value_place, sources)
    for item in written:
        entry = item.entry
        if entry.group is None:
            if absolute(str(entry.value), item.config_path) == config_path:
                message = f"there is no config `{config_path}`"
                suggestion = closest(option, sources.options(group))
                return Diagnostic("SER105", message, entry.value_place or NOWHERE, suggestion=suggestion)
            continue
        taken = entry.group_path(item.config_path)
        for name, place in entry.options():
            if f"{taken}/{name}" != config_path:
                continue
            if not sources.is_group(taken):
                message = f"there is no config group `{taken}`"
                suggestion = closest(taken, sources.groups())
                return Diagnostic("SER103", message, entry.place or NOWHERE, suggestion=suggestion)
            return _unknown_option(taken, name, place or NOWHERE, sources)
    return _unknown_option(group, option, Place(Origin.ENVIRONMENT), sources)


def _unknown_option(group: str, option: str, place: Place, sources: Sources) -> Diagnostic:
    plugin = PLUGIN_OF.get(f"{group}/{option}")
    if plugin is not None:
        message = f"`{plugin}` is not installed, which brings `{group}={option}`"
        fix = f"install it where the jobs are started: `pip install {plugin}`"
        return Diagnostic("SER312", message, place, group, help=fix)
    options = sources.options_below(group) if "/" in option else sources.options(group)
    note = (
        f"`{group}` has {', '.join(f'`{name}`' for name in options)}"
        if options
        else f"this project has no options of `{group}`"
    )
    message = f"`{option}` is not an option of `{group}`"
    suggestion = closest(option, options)
    return Diagnostic("SER104", message, place, group, notes=(note,), suggestion=suggestion)


def bad_argument(argument: Argument, verdict: str, sources: Sources) -> Diagnostic:
    """SER103 or SER106 for an override that Hydra refuses with `verdict`."""
    group, fix = argument.parsed.key_or_group, None
    is_group = sources.is_group(group)
    code = "SER106" if argument.parsed.is_add() or is_group else "SER103"
    if is_group and "No match" in verdict:
        fix = f"write `+{argument.text}` to add the group"
    return Diagnostic(code, _headline(verdict), argument.key_place, group, help=fix)


_IN_CONFIG = re.compile(r"In '([^']+)': ")


def named_config(verdict: str) -> str | None:
    """The config that Hydra names in a verdict, if it names one."""
    match = _IN_CONFIG.match(verdict)
    return match[1] if match else None


def bad_entry(written: WrittenEntry, verdict: str, sources: Sources) -> Diagnostic:
    """SER105 for an entry that leaves its option open, SER109 for one that Hydra refuses with `verdict`."""
    entry, verdict = written.entry, _IN_CONFIG.sub("", verdict)
    place = entry.value_place or entry.place or NOWHERE
    if entry.value == "???" and entry.group:
        message = f"an option of `{entry.group}` must be chosen"
        options = ", ".join(f"`{entry.group}={name}`" for name in sources.options(entry.group))
        return Diagnostic("SER105", message, place, entry.group, help=f"choose one of {options}")
    if entry.override and entry.group and "No match" in verdict:
        group = entry.group_path(written.config_path)
        message = f"`override {entry.group}` overrides nothing: no defaults list chooses in `{group}`"
        close = closest(group, [name for name in _groups_beside(group, sources) if name != group])
        fix = None if close else f"write `{entry.group}: {entry.value}` without `override` to choose it here"
        return Diagnostic("SER109", message, place, group, help=fix, suggestion=close)
    if entry.group and ("more than once" in verdict or "Multiple values" in verdict):
        group = entry.group_path(written.config_path)
        message = f"an option of `{group}` is chosen already, by another defaults list or further up"
        fix = f"to choose another one write `override /{group}: {entry.value}`, at the end of the list"
        return Diagnostic("SER109", message, place, group, help=fix)
    return Diagnostic("SER109", _headline(verdict), place, entry.group)


def _groups_beside(group: str, sources: Sources) -> list[str]:
    """Hydra's own groups, or those of the project."""
    if group.startswith("hydra/"):
        return [f"hydra/{name}" for name in _HYDRA_GROUPS]
    return list(sources.groups())


def not_chosen(argument: Argument, chosen: str | None, written: Iterable[WrittenEntry]) -> Diagnostic:
    """SER106 for an added option that an `override` in a file replaces, so that something else would run."""
    group = argument.parsed.key_or_group
    message = f"`{argument.text}` is not what runs: a defaults list overrides it with `{chosen}`"
    places = [
        str(item.entry.place)
        for item in written
        if item.entry.override and item.entry.group_path(item.config_path) == group
    ]
    fix = "take the `override` entry out of the file, or choose that option there"
    notes = tuple(f"`override {group}: {chosen}` at {place}" for place in places)
    return Diagnostic("SER106", message, argument.value_place, group, help=fix, notes=notes)


def bad_list(verdict: str) -> Diagnostic:
    """SER109 for a list that Hydra refuses, whatever is taken out of it."""
    return Diagnostic("SER109", _headline(verdict), Place(Origin.ENVIRONMENT))


def _headline(verdict: str) -> str:
    text = verdict.rstrip(".").replace("'", "`")
    return text[:1].lower() + text[1:]


@dataclass(frozen=True)
class Cycle:
    """Configs that include each other: each includes the next, and `closing` stands in the last."""

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


def find_cycles(start: str, entries: Callable[[str], Sequence[DefaultsEntry]]) -> Iterator[Cycle]:
    """Every way in which the defaults lists that `start` leads to come back to where they were.

    Args:
        start: the path of a config.
        entries: the defaults list of a config; empty when it does not exist.
    """

    def steps(config_path: str) -> Iterator[tuple[DefaultsEntry, str]]:
        return ((entry, path) for entry in entries(config_path) for path in entry.paths(config_path))

    seen, trail, ways = {start}, [start], [steps(start)]
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
