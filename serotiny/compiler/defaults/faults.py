"""The diagnostics for defaults lists that do not expand, with their places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from serotiny.compiler.defaults.configs import Undecided, WrittenEntry
from serotiny.compiler.defaults.errors import (
    BadEntry,
    BehindOverride,
    ChosenTwice,
    DefaultsRejected,
    MustChoose,
    NothingToDelete,
    NothingToOverride,
    Unresolved,
)
from serotiny.compiler.hydra.errors import Rejected
from serotiny.compiler.hydra.names import GROUPS, HYDRA, is_hydras
from serotiny.compiler.hydra.plugin_packages import PLUGIN_OF
from serotiny.compiler.overrides.argument import Argument
from serotiny.compiler.overrides.choices import group_meant
from serotiny.compiler.overrides.quoting import for_shell
from serotiny.compiler.project.config_files import SUFFIX
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.defaults_list import SELF, DefaultsEntry
from serotiny.compiler.syntax.resolvers import (
    RESOLVERS,
    is_registered,
    resolver_names,
    unknown_resolver,
    unset_variable,
    unset_variables,
)
from serotiny.diagnostics import NOWHERE, Diagnostic, Origin, Place, closest
from serotiny.schemas.names import GLOBAL_PACKAGE


def missing_config(
    path: str, entry: DefaultsEntry | None, arguments: Iterable[Argument], sources: Sources
) -> Diagnostic:
    """SER103, SER104 or SER105 for a config that does not exist, at the argument or `entry` that asks for it."""
    group, _, option = path.rpartition("/")
    for argument in arguments:
        named, value = argument.parsed.key_or_group, argument.parsed.value
        if f"{named}/{value}" == path:
            return _unknown_option(named, str(value), argument.value_place, sources)
    if entry is None or entry.place is None or entry.place.origin is not Origin.FILE:
        return _unknown_option(group, option, Place(Origin.ENVIRONMENT), sources)
    if entry.group is None:
        message = f"there is no config `{path}`"
        meant, suggestion = (
            _meant_entry(path, str(entry.value), sources),
            closest(option, sources.all_options(group)),
        )
        if meant is not None:
            return Diagnostic("SER105", message, entry.value_place or NOWHERE, help=f"write `{meant}`")
        file = path.removesuffix(SUFFIX) + SUFFIX
        fix = None if suggestion else f"add `{file}` to the config folder, or take the entry out"
        return Diagnostic("SER105", message, entry.value_place or NOWHERE, help=fix, suggestion=suggestion)
    named_here = (item for item in entry.options() if path.endswith(f"/{item[0]}"))
    name, place = next(named_here, (option, entry.value_place))
    taken = path.removesuffix(f"/{name}")
    if not sources.is_group(taken):
        return _unknown_group(entry, taken, sources)
    return _unknown_option(taken, name, place or NOWHERE, sources)


def _meant_entry(path: str, written: str, sources: Sources) -> str | None:
    """The entry that was meant by one written as an override (`data=default`), or without the space behind its colon.

    Also that of a misspelt `_self_`, or one with a keyword.
    """
    for sign in ("=", "."):
        group, _, option = path.rpartition(sign)
        if group and sources.is_group(group) and (sign == "=" or option in sources.options(group)):
            return f"{written.rpartition(sign)[0]}: {option}"
    for sign in (":", "="):
        named, _, option = written.partition(sign)
        if option and named.strip() and sources.is_group(named.split()[-1].lstrip("/")):
            return f"{named}: {option}"
    word = written.rpartition(" ")[2]
    is_marked = word[:1] == word[-1:] == "_" and closest(word, (SELF,)) is not None
    return SELF if is_marked or word.strip("_") == "self" else None


def _unknown_option(group: str, option: str, place: Place, sources: Sources) -> Diagnostic:
    plugin = PLUGIN_OF.get(f"{group}/{option}")
    if plugin is not None:
        message = f"`{plugin}` is not installed, which brings `{group}={option}`"
        fix = f"install it where the jobs are started: `pip install {plugin}`"
        return Diagnostic("SER312", message, place, group, help=fix)
    options = sources.options_below(group) if "/" in option else sources.all_options(group)
    note = (
        f"`{group}` has {', '.join(f'`{name}`' for name in options)}"
        if options
        else f"this project has no options of `{group}`"
    )
    message = f"`{option}` is not an option of `{group}`"
    if not group:
        message = f"there is no config `{option}` to start from"
        note = f"there are {', '.join(f'`{name}`' for name in options)}" if options else "there is none"
    misnamed = sources.misnamed(f"{group}/{option}")
    if misnamed is not None:
        fix = f"rename {misnamed} to `{option}.yaml`: Hydra reads no `.yml`"
        return Diagnostic("SER104", message, place, group, help=fix)
    name = option.removesuffix(SUFFIX).rpartition("/")[2]  # of the path of a file
    suggestion = closest(option, options) or (name if name in options else None)
    other = None if suggestion else _choose(group, option, options)
    return Diagnostic("SER104", message, place, group, help=other, notes=(note,), suggestion=suggestion)


def _choose(group: str, option: str, options: Sequence[str]) -> str:
    if group.partition("/")[0] == HYDRA:
        return "choose one that is installed"
    if not option:
        return "nothing stands behind `=`"
    add = f"add `{group}/{option.removesuffix(SUFFIX)}{SUFFIX}` to the config folder"
    return f"choose one of them, or {add}" if options else f"{add}, or leave `{group}` out"


def _unknown_group(entry: DefaultsEntry, group: str, sources: Sources) -> Diagnostic:
    """SER103. The help of an entry in an experiment says that Hydra looks below the experiment's own folder."""
    message = f"there is no config group `{group}`"
    place = entry.place or NOWHERE
    if (meant := _below_own_folder(entry, group, sources)) is not None:
        fix = f"write `{_written(entry, meant)}`: without a slash before it, it is looked for in this file's folder"
        return Diagnostic("SER103", message, place, help=fix)
    if entry.group is not None and not entry.group.startswith("/") and sources.is_group(entry.group):
        # at a package of its own it is seldom there already
        meant = _written(entry, f"/{entry.group}") if entry.package else _overriding(entry, entry.group)
        fix = f"write `{meant}`: without the slash it is looked for in this file's folder"
        return Diagnostic("SER103", message, place, help=fix)
    keyword, _, named = (entry.group or "").partition("/")
    if keyword == "override" and sources.is_group(named):
        fix = f"write `{_overriding(entry, named)}`: a space stands behind `override`"
        return Diagnostic("SER103", message, place, help=fix)
    suggestion = group_meant(group, sources.groups())
    return Diagnostic("SER103", message, place, help=_groups(suggestion, sources), suggestion=suggestion)


def _below_own_folder(entry: DefaultsEntry, group: str, sources: Sources) -> str | None:
    """A group below the folder of the file that names it, without that folder, which was written once too often."""
    written = str(entry.group).replace(".", "/")
    folder = group.removesuffix(str(entry.group)).rstrip("/")
    below = written.removeprefix(f"{folder}/")
    is_twice = bool(folder) and below != written and not str(entry.group).startswith("/")
    return below if is_twice and sources.is_group(written) else None


def _groups(suggestion: str | None, sources: Sources) -> str | None:
    if suggestion is not None:
        return None
    names = ", ".join(f"`{group}`" for group in sources.groups())
    return f"the groups are {names}" if names else "a group is a folder in the config folder"


def _overriding(entry: DefaultsEntry, group: str) -> str:
    """The entry text with `override`, to replace the option of a group in the list that a config is merged into."""
    return _written(entry, f"override /{group}")


def _written(entry: DefaultsEntry, group: str) -> str:
    """The entry text with another group."""
    package = f"@{entry.package}" if entry.package else ""
    return f"- {group}{package}: {entry.written}"


def bad_argument(
    argument: Argument, verdict: Rejected, sources: Sources, others: Sequence[Argument]
) -> Diagnostic:
    """SER103 or SER106 for an override that is refused with `verdict`; `others` are those beside it."""
    group = argument.parsed.key_or_group
    code = "SER106" if argument.parsed.adds or sources.is_group(group) else "SER103"
    if argument.parsed.adds and isinstance(verdict, ChosenTwice):
        message = f"an option of `{group}` is chosen already"
    elif argument.parsed.value is None and not argument.parsed.deletes:
        message = f"an option of `{group}` is a name, not null"
    else:
        message = _headline(verdict)
    fix = _argument_help(argument, verdict, sources, others)
    return Diagnostic(code, message, argument.key_place, group, help=fix)


def _argument_help(
    argument: Argument, verdict: Rejected, sources: Sources, others: Sequence[Argument]
) -> str | None:
    group, parsed = argument.parsed.key_or_group, argument.parsed
    if verdict.meant and not parsed.deletes:
        return f"write {' or '.join(f'`{key}={parsed.spelling}`' for key in verdict.meant)}"
    if sources.is_group(group) and parsed.value is None and not parsed.deletes:
        return f"write `~{parsed.key_with_sign.lstrip('+')}` to choose nothing"
    if argument.text.startswith("++"):
        return f"write `{for_shell(argument.text[2:])}`, or `{for_shell(argument.text[1:])}` where nothing is chosen yet"
    if parsed.adds and isinstance(verdict, ChosenTwice):
        return _one_choice(argument, others)
    if isinstance(verdict, NothingToDelete):
        if verdict.chosen:
            return f"write `~{verdict.key}`: `{verdict.chosen}` is chosen"
        meant = " or ".join(f"`~{key}`" for key in verdict.meant)
        return f"write {meant}" if meant else "take it out: nothing is chosen there"
    if isinstance(verdict, MustChoose):
        return _options_of(verdict.key or group, sources)
    if sources.is_group(group) and not parsed.adds and isinstance(verdict, NothingToOverride):
        return f"write `{for_shell(f'+{argument.text}')}` to add the group"
    return _interpolation_help(verdict)


def _one_choice(argument: Argument, others: Iterable[Argument]) -> str:
    """How to choose once in a group in which an addition chooses again."""
    group, asked = argument.parsed.key_or_group, argument.parsed.value
    added = [
        other.parsed.value for other in others if other.parsed.adds and other.parsed.key_or_group == group
    ]
    if asked in added:
        return "take one of the two out"
    if added and all(isinstance(option, str) for option in (*added, asked)):
        both = f"+{group}=[{','.join(map(str, (*added, asked)))}]"
        return f"write `{for_shell(both)}` to choose both"
    return f"write `{argument.text.lstrip('+')}` to choose another option"


def lacks_package(written: WrittenEntry, refused: NothingToOverride, sources: Sources) -> bool:
    """Whether an `override` finds nothing since its file, of a group, has no package `_global_`."""
    own = str(written.entry.group).lstrip("/")
    is_absolute = str(written.entry.group).startswith("/") and "/" in written.config_path
    return list(refused.meant) == [own] and is_absolute and not _is_global(written, sources)


def _comes_late(written: WrittenEntry, refused: NothingToOverride, sources: Sources) -> bool:
    """Whether an `override` names a choice that was made before its file came: a list is read from its end."""
    own = str(written.entry.group).lstrip("/")
    return list(refused.meant) == [own] and _is_global(written, sources)


def _is_global(written: WrittenEntry, sources: Sources) -> bool:
    document = sources.document(written.config_path)
    return document is not None and document.package == GLOBAL_PACKAGE


_IN_CONFIG = re.compile(r"In '([^']+)': ")


def out_of_order(entries: Sequence[DefaultsEntry]) -> tuple[Diagnostic, list[DefaultsEntry]]:
    """SER109 for a list in which an `override` stands before other entries, and the fewer of those to move."""
    listed = [entry for entry in entries if not entry.is_self]
    first = next(index for index, entry in enumerate(listed) if entry.override)
    last = max(index for index, entry in enumerate(listed) if not entry.override)
    overrides = [entry for entry in listed[:last] if entry.override]
    others = [entry for entry in listed[first:] if not entry.override]
    if len(others) <= len(overrides):
        message, fix, moved = "an entry behind an `override` can only be another `override`", _UP, others
    else:
        message, moved = "an `override` stands at the end of its defaults list", overrides
        fix = "move it down, below the last entry"
    at = [str(entry.place) for entry in moved[1:]]
    notes = (f"in {len(moved)} places: also {', '.join(at)}",) if at else ()
    place = moved[0].place or NOWHERE
    return Diagnostic("SER109", message, place, moved[0].group, help=fix, notes=notes), moved


def bad_entry(
    written: WrittenEntry, refused: Rejected, sources: Sources, first: Place | None = None
) -> Diagnostic:
    """SER105 for an entry whose option is `???`, SER109 for any other entry that is refused.

    Args:
        written: the entry.
        refused: why Hydra refuses it.
        sources: the groups and their options.
        first: where the same list chooses in its group before.
    """
    entry, group = written.entry, written.entry.group_path(written.config_path)
    place = entry.value_place or entry.place or NOWHERE
    key = refused.key or group if isinstance(refused, DefaultsRejected) else group
    if entry.value == "???" and entry.group:
        message = f"an option of `{key}` must be chosen"
        return Diagnostic("SER105", message, place, entry.group, help=_options_of(key, sources))
    if entry.override and entry.group and isinstance(refused, NothingToOverride):
        why = "no defaults list chooses in"
        if _comes_late(written, refused, sources):
            why = "the list that brings this file has already chosen in"
        message = f"`override {entry.group}` overrides nothing: {why} `{group}`"
        fix, meant = _meant_by_override(written, refused, sources)
        return Diagnostic("SER109", message, place, group, help=fix, suggestion=meant)
    if entry.group and isinstance(refused, ChosenTwice):
        if first is not None:
            message, note = f"an option of `{key}` is chosen already, further up", f"first chosen at {first}"
            fix = "take one of the two out"
            return Diagnostic("SER109", message, place, group, help=fix, notes=(note,))
        message = f"an option of `{key}` is chosen already, by another defaults list or further up"
        fix = f"to choose another one write `override /{key}: {entry.written}`, at the end of the list"
        return Diagnostic("SER109", message, place, group, help=fix)
    if isinstance(refused, BehindOverride) and entry.group is None:
        message = "an entry behind an `override` can only be another `override`"
        return Diagnostic("SER109", message, place, entry.group, help=_in_order(entry, sources))
    fix = _malformed_help(entry) if isinstance(refused, BadEntry) else _interpolation_help(refused)
    return Diagnostic("SER109", _headline(refused), place, entry.group, help=fix)


def _in_order(entry: DefaultsEntry, sources: Sources) -> str:
    """Where an entry behind an `override` belongs, or how to write it as one."""
    keyword, _, written = str(entry.value).partition(" ")
    if entry.group is None and keyword == "override":
        meant = _meant_entry("", written.strip(), sources)
        return f"write `- override {meant or '/GROUP: OPTION'}`"
    return _UP


_UP = "move it up, above the first `override`"


def _options_of(key: str, sources: Sources) -> str:
    group = key.partition("@")[0]
    options = ", ".join(f"`{key}={name}`" for name in sources.options(group))
    return f"choose one of {options}" if options else f"this project has none yet: add `{group}/NAME.yaml`"


def _meant_by_override(
    written: WrittenEntry, refused: NothingToOverride, sources: Sources
) -> tuple[str | None, str | None]:
    """For an `override` with nothing to override: how to write it, or the group that was probably meant."""
    entry, group = written.entry, written.entry.group_path(written.config_path)
    own = str(entry.group).lstrip("/")
    if lacks_package(written, refused, sources):
        file = written.config_path.removesuffix(SUFFIX) + SUFFIX
        return f"begin {file} with the line `# @package _global_`", None
    if _comes_late(written, refused, sources):
        return (
            f"in the list that chooses in `{own}`, put the entry that brings this file below that choice",
            None,
        )
    if refused.meant:
        return (
            f"write {' or '.join(f'`- override /{key}: {entry.written}`' for key in refused.meant)}",
            None,
        )
    if group != own and (sources.is_group(own) or is_hydras(own)):
        return f"write `{_overriding(entry, own)}`: without the slash it is below this file's folder", None
    beside = [name for name in _groups_beside(group, sources) if name != group]
    close = group_meant(group, beside)
    if sources.is_group(group) and close is not None and not close.endswith(f"/{group}"):
        close = closest(group, beside)
    if close is not None and close.endswith(f"/{own}"):
        return f"write `{_overriding(entry, close)}`", None
    fix = None if close else f"write `{entry.group}: {entry.written}` without `override` to choose it here"
    return fix, close


def _groups_beside(group: str, sources: Sources) -> list[str]:
    """The groups to suggest: Hydra's own if `group` is about Hydra, otherwise those of the project."""
    if group.startswith("hydra/"):
        return list(GROUPS)
    return list(sources.groups())


def not_chosen(argument: Argument, chosen: str | None, written: Iterable[WrittenEntry]) -> Diagnostic:
    """SER106 for an option added by `+group=option` that an `override` in a file, or in the call, replaces."""
    group = argument.parsed.key_or_group
    places = [
        str(item.entry.place)
        for item in written
        if item.entry.override and item.entry.group_path(item.config_path) == group
    ]
    by, fix = "a defaults list", "take the `override` entry out of the file, or choose that option there"
    if not places:
        by, fix = f"`{group}={chosen}`", "give one of the two"
    message = f"`{argument.text}` is not what runs: {by} overrides it with `{chosen}`"
    notes = tuple(f"`override {group}: {chosen}` at {place}" for place in places)
    return Diagnostic("SER106", message, argument.value_place, group, help=fix, notes=notes)


def not_decided(
    undecided: Undecided, place: Place, registered: Callable[[], frozenset[str]]
) -> Diagnostic | None:
    """SER204 or SER205 for a choice that is made by a variable that is not set or a resolver that does not exist."""
    for name in resolver_names(undecided.text):
        if name not in RESOLVERS and not is_registered(name, registered()):
            message, how, suggestion = unknown_resolver(name, registered())
            return Diagnostic("SER205", message, place, undecided.group, help=how, suggestion=suggestion)
    for name in unset_variables(undecided.text):
        message, fix = unset_variable(name)
        return Diagnostic("SER204", message, place, undecided.group, help=fix)
    return None


def bad_list(refused: Rejected) -> Diagnostic:
    """SER109 for a list that is refused whichever entry is removed."""
    return Diagnostic("SER109", _headline(refused), Place(Origin.ENVIRONMENT))


_INSIDE = re.compile(r"\$\{([^{}]+)\}")


def _malformed_help(entry: DefaultsEntry) -> str:
    if entry.is_self:
        return "write `- _self_`"
    if not entry.group:
        return "write `- group: option`"
    return "write the option out, or `${GROUP}` for that of another group"


def _interpolation_help(refused: Rejected) -> str | None:
    """Which choice was probably meant: a job may make hundreds."""
    if not isinstance(refused, Unresolved):
        return None
    keys, names = refused.keys, _INSIDE.findall(refused.text)
    if any("." in name and name in keys for name in names):
        return "Hydra finds no choice whose package has a dot: name the option itself in this entry"
    meant = [name for name in (closest(name, keys) for name in names if name not in keys) if name]
    return f"did you mean {' and '.join(f'`${{{name}}}`' for name in meant)}?" if meant else None


def _headline(refused: Rejected) -> str:
    if isinstance(refused, Unresolved):
        return f"`{refused.text}` names a choice that Hydra does not find"
    text = _IN_CONFIG.sub("", str(refused)).rstrip(".").replace("'", "`")
    return text[:1].lower() + text[1:]


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
