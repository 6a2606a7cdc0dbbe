"""Options that are laid at another package than their group's (`+model@_global_=big`), where nothing takes what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.defaults_list import DefaultsEntry
from serotiny.compiler.tree import Keys, Node, join, select, split
from serotiny.diagnostics import Diagnostic, Place
from serotiny.schemas.fields import root_keys
from serotiny.schemas.names import GLOBAL_PACKAGE

_REFUSED = ("SER301", "SER306", "SER308", "SER309")


def told_where_laid(faults: Iterable[Diagnostic], resolved: Resolved, sources: Sources) -> list[Diagnostic]:
    """The faults; all that follow from one option at a wrong package as one, at what lays it there.

    Args:
        faults: those of the values of a job.
        resolved: the job.
        sources: the configs of the project.
    """
    told = list(faults)
    for laid in _laid(resolved, sources) if told else ():
        following = [fault for fault in told if laid.explains(fault, resolved.root)]
        if not following or not laid.is_misplaced(following, resolved.root):
            continue
        told = [fault for fault in told if fault not in following]
        told.append(laid.as_cause(following, resolved))
    return told


@dataclass(frozen=True, kw_only=True)
class _Laid:
    """An option at a package that is not its group's.

    Attributes:
        place: the override, or the entry of a defaults list.
        file: where its content stands.
        content: what it holds.
        has_place: whether a job reads what the group holds at the group's own place.
        is_whole: whether it changes the whole config, as an experiment does.
    """

    group: str
    option: str
    package: Keys
    place: Place
    file: str
    content: Node
    has_place: bool
    is_whole: bool

    def explains(self, fault: Diagnostic, root: Node) -> bool:
        """Whether a fault may come from where the option lies."""
        if self.package and fault.place.file != self.file:
            return False
        keys = split(fault.key or "")
        if not self.package:
            return self._makes_root(root) and (
                keys[:1] in {(key,) for key in self.content.value if key not in root_keys()}
                or (fault.code in ("SER301", "SER302") and len(keys) == 1)
            )
        is_within = keys[: len(self.package)] == self.package
        return is_within or (fault.code in _REFUSED and self.package[: len(keys)] == keys)

    def is_misplaced(self, faults: list[Diagnostic], root: Node) -> bool:
        """Whether its place is what is wrong with it, rather than single values of it."""
        if not self.package:
            return True
        refused = [split(fault.key or "") for fault in faults if fault.code in _REFUSED]
        if any(len(keys) < len(self.package) or keys == self.package for keys in refused):
            return True
        # of another kind than its place asks for, for certain or as its own group does
        own = join((*self.package, "_target_"))
        of_target = [fault for fault in faults if fault.key == own and fault.code in _REFUSED]
        if any(self.has_place or fault.is_error for fault in of_target):
            return True
        # laid over another target, which takes none of its keys
        node = select(root, (*self.package, "_target_"))
        unknown = {
            split(fault.key or "")[len(self.package)]
            for fault in faults
            if fault.code == "SER301" and fault.suggestion is None
        }
        return (node is None or node.place.file != self.file) and {*self.content.value} == unknown

    def as_cause(self, faults: list[Diagnostic], resolved: Resolved) -> Diagnostic:
        """One fault, at what lays the option there."""
        refused = [fault for fault in faults if fault.code in _REFUSED]
        refused.sort(key=lambda fault: not (fault.key or "").endswith("_target_"))
        first = next(iter(refused), faults[0])
        note = f"`{self.group}/{self.option}` is laid at `{join(self.package) or GLOBAL_PACKAGE}`"
        if first.suggestion is not None:
            return replace(first, place=self.place, notes=(note,))
        sign = "" if self.group in resolved.composed.groups else "+"
        if not (self.has_place or self.is_whole):
            fix = None
        elif self.place.override is None:
            fix = f"write `{self.group}: {self.option}`, in an experiment `override /{self.group}: {self.option}`"
        else:
            fix = f"write `{sign}{self.group}={self.option}`"
        if not self.package:
            made = self.content.value["_target_"].value
            message = f"an option of `{self.group}` at the root of the config would make all of it one {made}"
            where = "name the key that it belongs to behind the `@`"
            return Diagnostic("SER309", message, self.place, help=fix or where)
        if fix is None:
            # a class of another kind is right where it belongs
            fix = "name a package that takes it" if first.code == "SER306" else first.help
        elif not self.is_whole:
            fix = f"{fix}, or name a package that takes it"
        return replace(first, place=self.place, help=fix, notes=(note,))

    def _makes_root(self, root: Node) -> bool:
        target = root.get("_target_")
        return target is not None and "_target_" in self.content.value and target.place.file == self.file


def _laid(resolved: Resolved, sources: Sources) -> Iterator[_Laid]:
    composed = resolved.composed
    packaged: list[tuple[str, DefaultsEntry, Keys]] | None = None
    for config_path, package in composed.order:
        group, _, option = config_path.rpartition("/")
        keys, document = split(package), sources.document(config_path)
        if not group or keys == tuple(group.split("/")) or document is None or not document.root.is_mapping:
            continue
        packaged = _entries_with_package(resolved, sources) if packaged is None else packaged
        place = _where(group, option, keys, resolved, packaged)
        if place is not None and document.file is not None:
            yield _Laid(
                group=group,
                option=option,
                package=keys,
                place=place,
                file=document.file,
                content=document.root,
                has_place=tuple(group.split("/")) in {place for _, place in composed.layout.places},
                is_whole=document.package == GLOBAL_PACKAGE,
            )


def _entries_with_package(resolved: Resolved, sources: Sources) -> list[tuple[str, DefaultsEntry, Keys]]:
    """The entries of the configs of a job that name a package, each with its config and the package."""
    return [
        (config_path, entry, named)
        for config_path, _ in resolved.composed.order
        for entry in sources.defaults(config_path)[0]
        if (named := _named(entry.package)) is not None
    ]


def _where(
    group: str,
    option: str,
    package: Keys,
    resolved: Resolved,
    packaged: list[tuple[str, DefaultsEntry, Keys]],
) -> Place | None:
    """What says that an option lies at a package; None where its own file does."""
    for argument in resolved.composed.arguments:
        parsed = argument.parsed
        named = _named(parsed.package)
        if parsed.key_or_group == group and parsed.value == option and named == package:
            return argument.key_place
    for config_path, entry, inner in packaged:
        if package[len(package) - len(inner) :] != inner:
            continue
        is_option = entry.group_path(config_path) == group and option in dict(entry.options())
        if is_option or f"{group}/{option}" in entry.paths(config_path):
            return entry.place
    return None


def laid_instead(missing: Keys, resolved: Resolved, sources: Sources) -> tuple[Keys, DefaultsEntry] | None:
    """The package at which an entry of a defaults list lays the option of a group, and the entry; None where it is at `missing`."""
    for path, package in resolved.composed.order:
        group, _, _ = path.rpartition("/")
        keys = split(package)
        if tuple(group.split("/")) != missing or keys == missing:
            continue
        for config_path, entry, inner in _entries_with_package(resolved, sources):
            if inner and entry.group_path(config_path) == group and keys[-len(inner) :] == inner:
                return keys, entry
    return None


def _named(package: str | None) -> Keys | None:
    if package is None:
        return None
    keys = split(package)
    return keys[1:] if keys[:1] == (GLOBAL_PACKAGE,) else keys
