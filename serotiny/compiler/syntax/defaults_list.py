"""Defaults lists as written: the configs that a config includes, and the place of each entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from serotiny.compiler.limits import MAX_CONFIG_NAME, MAX_DEFAULTS
from serotiny.compiler.syntax.document import Document
from serotiny.compiler.tree import Node
from serotiny.diagnostics import Diagnostic, Place, did_you_mean

SELF = "_self_"
_KEYWORDS = frozenset({"optional", "override"})


@dataclass(frozen=True, kw_only=True)
class DefaultsEntry:
    """One item of a defaults list.

    Attributes:
        group: the config group, or None when the item names a config (or `_self_`) outright.
        value: the option, options, or the config's path; None chooses nothing.
        package: what follows `@`; "" is the package of the config that the list is in.
        place: where the whole item stands; value_place: its option alone; option_places: each one of several.
    """

    group: str | None
    value: str | tuple[str, ...] | None
    package: str | None = None
    optional: bool = False
    override: bool = False
    place: Place | None = None
    value_place: Place | None = None
    option_places: tuple[Place, ...] = ()

    @property
    def is_self(self) -> bool:
        """Whether it stands for the config that holds it; with a group, Hydra takes it in some configs alone."""
        return self.value == SELF

    @property
    def written(self) -> str:
        """The option, or options, as YAML has them."""
        return f"[{', '.join(self.value)}]" if isinstance(self.value, tuple) else str(self.value or "null")

    def options(self) -> tuple[tuple[str, Place | None], ...]:
        """Each option that it names, and where."""
        if isinstance(self.value, tuple):
            return tuple(zip_longest(self.value, self.option_places[: len(self.value)]))
        return () if self.value is None else ((self.value, self.value_place),)

    def paths(self, config_path: str) -> tuple[str, ...]:
        """The configs that it includes, for an entry in the defaults list of `config_path`."""
        names = self.value if isinstance(self.value, tuple) else (self.value,)
        # `override` brings no config: it changes which one another entry brings
        if self.is_self or self.override:
            return ()
        prefix = "" if self.group is None else f"{self.group}/"
        return tuple(absolute(f"{prefix}{name}", config_path) for name in names if name is not None)

    def group_path(self, config_path: str) -> str:
        """The group's absolute path, for an entry in the defaults list of `config_path`."""
        return absolute(self.group or "", config_path)


def absolute(name: str, config_path: str) -> str:
    """The absolute form of a name in the defaults list of `config_path`, to whose folder it is relative."""
    return absolute_below(config_path.rpartition("/")[0], name)


def absolute_below(folder: str, name: str) -> str:
    """The absolute form of a name that is relative to a folder, unless it begins with `/`."""
    if name.startswith("/"):
        return name[1:]
    return f"{folder}/{name}" if folder else name


def read_defaults(document: Document) -> tuple[list[DefaultsEntry], list[Diagnostic]]:
    """The entries of a document's defaults list.

    Returns:
        The entries in order, and SER109 for each item that is not an entry.
    """
    node = document.root.get("defaults")
    if node is None or node.value is None:
        return [], []
    if not node.is_list:
        return [], [
            Diagnostic("SER109", "`defaults` must be a list", node.place, help="write `- group: option`")
        ]
    entries: list[DefaultsEntry] = []
    faults: list[Diagnostic] = []
    if len(node.value) > MAX_DEFAULTS:
        message = f"a defaults list has at most {MAX_DEFAULTS:,} entries, not {len(node.value):,}"
        faults.append(Diagnostic("SER123", message, node.value[MAX_DEFAULTS].place, "defaults"))
    for item in node.value[:MAX_DEFAULTS]:
        read = read_entry(item)
        if isinstance(read, Diagnostic):
            faults.append(read)
        else:
            entries.append(read)
    faults += _replaced(entries)
    selves = [entry for entry in entries if entry.is_self]
    for extra in selves[1:]:
        assert extra.place is not None
        message, fix = f"`{SELF}` stands twice in the defaults list", "take one of the two out"
        faults.append(Diagnostic("SER109", message, extra.place, help=fix))
        entries.remove(extra)
    return entries, faults


def _replaced(entries: list[DefaultsEntry]) -> list[Diagnostic]:
    """SER318 for each entry whose option another entry of the same list overrides."""
    faults: list[Diagnostic] = []
    overriding: dict[object, DefaultsEntry] = {}
    for entry in entries:
        if entry.override:
            # of several the first counts, as in Hydra's `add_override`
            overriding.setdefault((entry.group, entry.package), entry)
    for entry in entries:
        by = overriding.get((entry.group, entry.package)) if entry.group is not None else None
        if entry.override or by is None or entry.value in (None, "???") or entry.value == by.value:
            continue
        if by.is_self or "${" in by.written:
            continue  # whether that can stand in the other's place depends on the rest of the list
        key = entry.group if entry.package is None else f"{entry.group}@{entry.package}"
        message = f"`{key}: {entry.written}` is replaced by `override {key}: {by.written}`"
        fix = f"write `- {key}: {by.written}`, and take the other out"
        assert entry.place is not None
        faults.append(Diagnostic("SER318", message, entry.place, entry.group, help=fix))
    return faults


def _texts(item: Node) -> Iterator[object]:
    """The keys and values of an entry, whose length is bounded."""
    if item.is_mapping:
        yield from item.value
    for _, child in item.children():
        yield from (part.value for _, part in child.children()) if child.is_list else (child.value,)
    if isinstance(item.value, str):
        yield item.value


def read_entry(item: Node) -> DefaultsEntry | Diagnostic:
    """An item of a defaults list, or SER109 where it is none."""
    longest = max((len(str(text)) for text in _texts(item)), default=0)
    if longest > MAX_CONFIG_NAME:
        message = f"a config's name has at most {MAX_CONFIG_NAME:,} characters, not {longest:,}"
        return Diagnostic("SER109", message, item.place)
    if isinstance(item.value, str):
        path, at, package = item.value.partition("@")
        return DefaultsEntry(
            group=None, value=path, package=package if at else None, place=item.place, value_place=item.place
        )
    if not item.is_mapping or len(item.value) != 1:
        message = "an entry of a defaults list is `group: option` or the name of a config"
        return Diagnostic("SER109", message, item.place)
    ((key, value),) = item.value.items()
    words = str(key).split() or [""]
    group, at, package = words[-1].partition("@")
    keywords = set(words[:-1])
    if keywords - _KEYWORDS:
        unknown = min(keywords - _KEYWORDS)
        message = f"`{unknown}` is no keyword of a defaults list"
        fix = did_you_mean(unknown, _KEYWORDS) or "there are `optional` and `override`"
        return Diagnostic("SER109", message, value.blame_key(), help=fix)
    option = value.value
    places: tuple[Place, ...] = ()
    if isinstance(option, list):
        places = tuple(child.place for child in option)
        option = tuple(child.value for child in option)
    whole = option if isinstance(option, tuple) else (option,)
    if not all(isinstance(name, str) for name in whole) and option is not None:
        message = f"the option of `{group}` must be a name, a list of names or null"
        return Diagnostic("SER109", message, value.place, help="quote it if it looks like a number")
    return DefaultsEntry(
        group=group,
        value=option,
        package=package if at else None,
        optional="optional" in keywords,
        override="override" in keywords,
        place=value.blame_key(),
        value_place=value.place,
        option_places=places,
    )
