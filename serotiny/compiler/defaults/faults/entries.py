"""SER105, SER109: entries of defaults lists that Hydra refuses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from serotiny.compiler.defaults.configs import WrittenEntry
from serotiny.compiler.defaults.errors import (
    BadEntry,
    BehindOverride,
    ChosenTwice,
    DefaultsRejected,
    NothingToOverride,
)
from serotiny.compiler.defaults.faults.missing import groups_there_are
from serotiny.compiler.defaults.faults.wording import (
    headline,
    in_folder_above,
    interpolation_help,
    meant_entry,
    options_of,
    overriding_text,
)
from serotiny.compiler.hydra.errors import Rejected
from serotiny.compiler.hydra.names import is_hydras
from serotiny.compiler.overrides.choices import group_meant
from serotiny.compiler.project.config_files import SUFFIX
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.defaults_list import DefaultsEntry
from serotiny.diagnostics import NOWHERE, Diagnostic, Origin, Place, closest
from serotiny.schemas.names import GLOBAL_PACKAGE, HYDRAS_GROUPS

_UP: Final = "move it up, above the first `override`"


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
        return Diagnostic("SER105", message, place, entry.group, help=options_of(key, sources))
    if entry.override and entry.group and isinstance(refused, NothingToOverride):
        why = "no defaults list chooses in"
        if _comes_late(written, refused, sources):
            why = "the list that brings this file has already chosen in"
        where = key if entry.package else key.partition("@")[0]
        message = f"`override {entry.group}` overrides nothing: {why} `{where}`"
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
    fix = _malformed_help(entry) if isinstance(refused, BadEntry) else interpolation_help(refused)
    return Diagnostic("SER109", headline(refused), place, entry.group, help=fix)


def lacks_package(written: WrittenEntry, refused: NothingToOverride, sources: Sources) -> bool:
    """Whether an `override` finds nothing since its file, of a group, has no package `_global_`."""
    own = str(written.entry.group).lstrip("/")
    is_absolute = str(written.entry.group).startswith("/") and "/" in written.config_path
    is_chosen = list(refused.meant) == [own] and written.entry.package is None
    return is_chosen and is_absolute and not _is_global(written, sources)


GLOBAL_LINE: Final = f"`# @package {GLOBAL_PACKAGE}`"
"""What a file lacks whose `override` finds nothing; its values are not where they are meant to be either."""

_BELOW_A_COMMENT: Final = re.compile(rf"^#\s*@package\s+{GLOBAL_PACKAGE}\s*$", re.MULTILINE)


def _to_be_global(written: WrittenEntry, sources: Sources) -> str:
    """How to lay the values of a file over the whole config; its header may be there, below another comment."""
    file = written.config_path.removesuffix(SUFFIX) + SUFFIX
    document = sources.document(written.config_path)
    there = _BELOW_A_COMMENT.search(document.text) if document is not None else None
    if document is None or there is None:
        return f"begin {file} with the line {GLOBAL_LINE}"
    line = document.text.count("\n", 0, there.start()) + 1
    return (
        f"move line {line}, {GLOBAL_LINE}, to the top of {file}: Hydra reads it above all other comments only"
    )


def _comes_late(written: WrittenEntry, refused: NothingToOverride, sources: Sources) -> bool:
    """Whether an `override` names a choice that was made before its file came: a list is read from its end."""
    own = str(written.entry.group).lstrip("/")
    is_chosen = list(refused.meant) == [own] and written.entry.package is None
    return is_chosen and _is_global(written, sources)


def _is_global(written: WrittenEntry, sources: Sources) -> bool:
    document = sources.document(written.config_path)
    return document is not None and document.package == GLOBAL_PACKAGE


def out_of_order(entries: Sequence[DefaultsEntry]) -> tuple[Diagnostic, list[DefaultsEntry]] | None:
    """SER109 for a list in which an `override` stands before other entries, and the fewer of those to move; None for any other."""
    listed = [entry for entry in entries if not entry.is_self]
    first = next((index for index, entry in enumerate(listed) if entry.override), len(listed))
    last = max((index for index, entry in enumerate(listed) if not entry.override), default=0)
    if first > last:
        return None
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


def _in_order(entry: DefaultsEntry, sources: Sources) -> str:
    """Where an entry behind an `override` belongs, or how to write it as one."""
    keyword, _, written = str(entry.value).partition(" ")
    if entry.group is None and keyword == "override":
        meant = meant_entry("", written.strip(), sources)
        return f"write `- override {meant or '/GROUP: OPTION'}`"
    return _UP


def _meant_by_override(
    written: WrittenEntry, refused: NothingToOverride, sources: Sources
) -> tuple[str | None, str | None]:
    """For an `override` with nothing to override: how to write it, or the group that was probably meant."""
    entry, group = written.entry, written.entry.group_path(written.config_path)
    own = str(entry.group).lstrip("/")
    if lacks_package(written, refused, sources):
        return _to_be_global(written, sources), None
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
        return (
            f"write `{overriding_text(entry, own)}`: without the slash it is below this file's folder",
            None,
        )
    if (found := in_folder_above(group, entry.value, sources)) is not None and not entry.package:
        as_one = f"write `- override /{': '.join(found)}` to choose an option of `{found[0]}`"
        return f"{as_one}, or `/{group}: {entry.written}` without `override` to add the group", None
    beside = [name for name in _groups_beside(group, sources) if name != group]
    close = group_meant(group, beside)
    if sources.is_group(group) and close is not None and not close.endswith(f"/{group}"):
        close = closest(group, beside)
    if close is not None and close.endswith(f"/{own}"):
        return f"write `{overriding_text(entry, close)}`", None
    if close is None and not (sources.is_group(group) or is_hydras(group)):
        return f"take it out: there is no group `{group}`; {groups_there_are(sources)}", None
    if close is not None and group != own:
        folder = group.removesuffix(own)
        is_below = close.startswith(folder)
        return (None if is_below else f"write `{overriding_text(entry, close)}`"), (
            close.removeprefix(folder) if is_below else None
        )
    fix = None if close else f"write `{entry.group}: {entry.written}` without `override` to choose it here"
    return fix, close


def _groups_beside(group: str, sources: Sources) -> list[str]:
    """The groups to suggest: Hydra's own if `group` is about Hydra, otherwise those of the project."""
    if group.startswith("hydra/"):
        return list(HYDRAS_GROUPS)
    return list(sources.groups())


def _malformed_help(entry: DefaultsEntry) -> str:
    if entry.is_self:
        return "write `- _self_`"
    if not entry.group:
        return "write `- group: option`"
    return "write the option out, or `${GROUP}` for that of another group"


def bad_list(refused: Rejected) -> Diagnostic:
    """SER109 for a list that is refused whichever entry is removed."""
    return Diagnostic("SER109", headline(refused), Place(Origin.ENVIRONMENT))
