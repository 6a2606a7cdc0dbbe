"""An entry of a defaults list, placed: the path, the package and the key that follow from the config that holds it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from serotiny.compiler.defaults.configs import WrittenEntry
from serotiny.compiler.syntax.defaults_list import DefaultsEntry, absolute_below
from serotiny.schemas.names import GLOBAL_PACKAGE, GROUP_PACKAGE

_HERE = "_here_"


@dataclass(frozen=True, slots=True)
class Holder:
    """The config that holds an entry.

    Attributes:
        config_path: its path.
        folder: the folder that its entries are relative to: that of its group, also for an option in a sub-folder.
        package: the package that it is merged into.
        is_packaged: whether that is written, by a directive in the config or behind `@`.
    """

    config_path: str
    folder: str
    package: str
    is_packaged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedEntry:
    """An entry of a defaults list in its holder.

    Attributes:
        entry: as written.
        holder: the config that holds it.
        written: where its value is written: itself, or an `override` entry; None for an override of the call.
        folder: the path of its group; the folder of its config where it names one without a group.
        value: its option or options; the path of its config where it has no group.
        given: the package that it is given by `@`, if any.
        package: the package of its config, unless that has a package directive.
        key: the name by which overrides choose in its group here: `model`, `model@net`.
    """

    entry: DefaultsEntry
    holder: Holder
    written: WrittenEntry | None
    folder: str
    value: str | tuple[str, ...] | None
    given: str | None
    package: str
    key: str

    @property
    def is_choice(self) -> bool:
        """Whether it chooses in a group."""
        return self.entry.group is not None

    @property
    def config_path(self) -> str:
        return f"{self.folder}/{self.value}" if self.is_choice else str(self.value)

    @property
    def name(self) -> str | tuple[str, ...] | None:
        """Its option or options; without a group, the name of its config without the folder."""
        return self.value if self.is_choice else self.config_path.rpartition("/")[2]

    @property
    def is_interpolated(self) -> bool:
        return isinstance(self.value, str) and "${" in self.value

    def package_with(self, directive: str | None) -> str:
        """The package of its config if that has this `# @package` directive, which is absolute."""
        if directive is None or self.given is not None:
            return self.package
        return _joined(self.holder.package, f"{GLOBAL_PACKAGE}.{directive}" if directive else GLOBAL_PACKAGE)

    def resolved(self, text: str | None) -> PlacedEntry:
        """The entry with its interpolation resolved."""
        if self.is_choice:
            return replace(self, value=text)
        return replace(place(replace(self.entry, value=text), self.holder), written=self.written)

    def single(self, option: str) -> PlacedEntry:
        """An entry for one of several options. It names a config: its group counts as not chosen in."""
        name = f"{self.entry.group}/{option}"
        entry = DefaultsEntry(group=None, value=name, package=self.given, optional=self.entry.optional)
        return replace(place(entry, self.holder), written=self.written)


def place(entry: DefaultsEntry, holder: Holder) -> PlacedEntry:
    """Place an entry in the config that holds it."""
    value = entry.value
    if entry.group is None:
        assert isinstance(value, str)
        relative = value.removeprefix("/").rpartition("/")[0]
        value = absolute_below(holder.folder, value)
        folder = value.rpartition("/")[0]
    else:
        relative = entry.group.removeprefix("/")
        folder = absolute_below(holder.folder, entry.group)
    usual = folder.replace("/", ".")
    given = "" if entry.package == _HERE else entry.package
    if given and GROUP_PACKAGE in given:
        given = f"{GLOBAL_PACKAGE}.{given.replace(GROUP_PACKAGE, usual)}"
    package = _joined(holder.package, relative.replace("/", ".") if given is None else given)
    return PlacedEntry(
        entry=entry,
        holder=holder,
        written=WrittenEntry(holder.config_path, entry),
        folder=folder,
        value=value,
        given=given,
        package=package,
        key=folder if package == usual else f"{folder}@{package or GLOBAL_PACKAGE}",
    )


def _joined(package: str, below: str) -> str:
    """A package below another one; it starts anew behind `_global_`."""
    joined = f"{package}.{below}" if package and below else package or below
    _, is_absolute, after = joined.rpartition(GLOBAL_PACKAGE)
    return after[1:] if is_absolute else joined
