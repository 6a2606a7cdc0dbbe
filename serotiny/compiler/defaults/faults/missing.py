"""SER103, SER104, SER105: what an entry or an argument names, and what does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from serotiny.compiler.defaults.faults.wording import entry_text, meant_entry, option_meant, overriding_text
from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.hydra.plugin_packages import PLUGIN_OF
from serotiny.compiler.overrides.argument import Argument
from serotiny.compiler.overrides.choices import group_meant
from serotiny.compiler.project.config_files import SUFFIX
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.defaults_list import DefaultsEntry
from serotiny.diagnostics import NOWHERE, Diagnostic, Origin, Place, closest
from serotiny.schemas.names import CHOSEN_BY_DEFAULT


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
            meant_entry(path, str(entry.value), sources),
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
    suggestion = option_meant(option, options) or (name if name in options else None)
    other = None if suggestion else _in_subfolder(group, option, sources) or _choose(group, option, options)
    return Diagnostic("SER104", message, place, group, help=other, notes=(note,), suggestion=suggestion)


def _in_subfolder(group: str, option: str, sources: Sources) -> str | None:
    """What to write for a sub-folder of a group, or the only option of that name in one; None where there is neither."""
    if not group or not option or "/" in option:
        return None
    name = option.removesuffix(SUFFIX).replace(".", "/")
    own = CHOSEN_BY_DEFAULT if sources.project.layout.is_own else ()
    inner = sources.all_options(f"{group}/{name}")
    if inner and f"{group}/{name}" not in own:
        return f"`{name}` is a folder: write an option in it, as `{name}/{inner[0]}`"
    found = [path for path in sources.options_below(group) if path.endswith(f"/{name}") or path == name]
    if len(found) != 1:
        return None
    folder, _, _ = found[0].rpartition("/")
    if f"{group}/{folder}" in own:
        return f"it is an option of `{group}/{folder}`, which is a group of its own"
    return f"write `{found[0]}`, or choose in `{group}/{folder}` where that is a group of its own"


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
        fix = f"write `{entry_text(entry, meant)}`: without a slash before it, it is looked for in this file's folder"
        return Diagnostic("SER103", message, place, help=fix)
    if entry.group is not None and not entry.group.startswith("/") and sources.is_group(entry.group):
        # at a package of its own it is seldom there already
        meant = entry_text(entry, f"/{entry.group}") if entry.package else overriding_text(entry, entry.group)
        fix = f"write `{meant}`: without the slash it is looked for in this file's folder"
        return Diagnostic("SER103", message, place, help=fix)
    keyword, _, named = (entry.group or "").partition("/")
    if keyword == "override" and sources.is_group(named):
        fix = f"write `{overriding_text(entry, named)}`: a space stands behind `override`"
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
    return groups_there_are(sources) if suggestion is None else None


def groups_there_are(sources: Sources) -> str:
    """The groups of a project, or what a group is where there is none."""
    names = ", ".join(f"`{group}`" for group in sources.groups())
    return f"the groups are {names}" if names else "a group is a folder in the config folder"
