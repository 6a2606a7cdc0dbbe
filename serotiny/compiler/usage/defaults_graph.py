"""The configs and groups that the defaults lists of a project name, read without composing anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from posixpath import normpath
from typing import Final

from serotiny.compiler.hydra.names import is_hydras
from serotiny.compiler.project.config_files import SUFFIX
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.defaults_list import DefaultsEntry, read_defaults
from serotiny.compiler.syntax.override import key_of
from serotiny.compiler.syntax.references import key_references
from serotiny.compiler.tree import Node, every, select, split
from serotiny.schemas.names import CHOSEN_BY_DEFAULT, GLOBAL_PACKAGE

_SIGN: Final = re.compile(r"^defaults\s*:|\b_target_\b", re.MULTILINE)
"""What only a config has, in a text that cannot be read as YAML."""


_CHOICE: Final = re.compile(r"\$\{([\w/]+)\}")
"""The choice in another group, as a defaults list refers to it."""


class DefaultsGraph:
    """The configs of a project, and which of them name which.

    Attributes:
        configs: every config below the top level, by path, sorted; without Hydra's own groups, and without those from
            which scripts start in their own folders, unless another config names them.
        included: the configs that another config names.
        groups: the paths of the groups that some defaults list chooses in.
        chosen_in: the groups that the list of each config chooses in.
    """

    _of_other_folders: frozenset[str]
    """Those of the groups in which only primary configs of folders of their own choose."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self.configs = tuple(
            f"{group}/{option}"
            for group in sources.groups()
            if not is_hydras(group)
            for option in sources.options(group)
        )
        self._known = frozenset(self.configs)
        self.included: set[str] = set()
        own = sources.project.layout.is_own
        self.groups: set[str] = set(CHOSEN_BY_DEFAULT) if own else set()
        self.chosen_in: dict[str, set[str]] = {}
        self._lists: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        self._by_others: dict[str, set[str]] = {}
        lists = [*dict.fromkeys((*sources.options(""), *self.configs))]
        listed = {*lists}
        of_this_folder = set(self.groups)
        for config_path in lists:  # to which the loop appends
            folder = config_path.rpartition("/")[0].replace("/", ".")
            for entry in self.entries(config_path):
                included = {*self._named(entry, config_path)}
                self.included |= included
                # one that is in no folder may be stored by the project's code, with a list of its own
                lists += sorted(path for path in included - listed if not is_hydras(path))
                listed |= included
                self._note_choices(entry, config_path)
                if entry.group is None:
                    continue
                group = entry.group_path(config_path)
                self.groups.add(group)
                self.chosen_in.setdefault(config_path, set()).add(group)
                if not (folder and self._is_of_its_own_folder(config_path)):
                    of_this_folder.add(group)
                if folder and isinstance(entry.value, tuple):
                    place = f"{group}@{folder}.{entry.package}" if entry.package else group
                    self._lists.setdefault(group, []).append((place, entry.value))
        self._of_other_folders = frozenset(self.groups - of_this_folder)
        apart = {*sources.of_code.inner_roots} - self.included
        self.configs = tuple(config_path for config_path in self.configs if config_path not in apart)

    def _note_choices(self, entry: DefaultsEntry, config_path: str) -> None:
        """Note the text of an entry that comes to its option by the choices in other groups."""
        if isinstance(entry.value, str) and "${" in entry.value:
            folder, _, name = entry.value.lstrip("/").rpartition("/")
            group, text = (entry.group_path(config_path), entry.value) if entry.group else (folder, name)
            self._by_others.setdefault(group, set()).add(text)

    def entries(self, config_path: str) -> list[DefaultsEntry]:
        """The entries of a config's defaults list."""
        document = self._sources.document(config_path)
        return read_defaults(document)[0] if document is not None else []

    def parts(self, config_path: str) -> list[str]:
        """The configs that a config's defaults list names."""
        return [path for entry in self.entries(config_path) for path in self._named(entry, config_path)]

    def _named(self, entry: DefaultsEntry, config_path: str) -> Iterator[str]:
        """The configs that an entry names, relative to the folder of its config, or to the group of which that is an option."""
        folders = config_path.split("/")[:-1]
        outwards = ["/".join((*folders[:depth], "")) for depth in range(len(folders), 0, -1)] or [config_path]
        for readings in zip(*map(entry.paths, outwards), strict=True):
            paths = [plain_path(path) for path in readings]
            yield next((path for path in paths if path in self._known), paths[0])

    def lists(self, group: str) -> Sequence[tuple[str, tuple[str, ...]]]:
        """Each place that takes several options of a group, as an override names it, with the options taken there."""
        return self._lists.get(group, ())

    def made_by(self, group: str, option: str) -> dict[str, str]:
        """The choices in other groups with which a defaults list comes to an option (`${model}-${data}`); empty where none does."""
        for text in sorted(self._by_others.get(group, ())):
            others = _CHOICE.findall(text)
            parts = [re.escape(part) for part in _CHOICE.split(text)[::2]]
            options = ["|".join(map(re.escape, self._sources.options(other))) for other in others]
            pattern = (
                "".join(f"{part}({named})" for part, named in zip(parts, options, strict=False)) + parts[-1]
            )
            found = re.fullmatch(pattern, option)
            if found is not None:
                return dict(zip(others, found.groups(), strict=True))
        return {}

    def options(self, group: str) -> Iterator[str]:
        """The options of a group, including those in sub-folders that are not used as groups of their own."""
        for config_path in self.configs:
            if not config_path.startswith(f"{group}/"):
                continue
            option = config_path[len(group) + 1 :]
            folders = option.split("/")[:-1]
            inner = ["/".join((group, *folders[: depth + 1])) for depth in range(len(folders))]
            if not self.groups.intersection(inner):
                yield option

    def first_whole(self, group: str, wanted: frozenset[str] = frozenset()) -> str | None:
        """The first option of a group that no other config builds on, or else the first one; None if there is none.

        Of those the first that chooses in as many of the `wanted` groups as any.
        """
        options = list(self.options(group))
        whole = [option for option in options if f"{group}/{option}" not in self.included]
        return max(
            whole or options,
            key=lambda option: len(wanted & self._chosen_by(f"{group}/{option}")),
            default=None,
        )

    def _chosen_by(self, config_path: str) -> frozenset[str]:
        """The groups in which a config and those that it includes choose."""
        return frozenset[str]().union(
            *(self.chosen_in.get(path, ()) for path in self._with_parts(config_path))
        )

    def overridden_by(self, override: str) -> frozenset[str]:
        """The groups in which the config that an override chooses, or one that it includes, overrides the choices of others."""
        option = plain_path(override.partition("=")[2])
        found = self._with_parts(f"{key_of(override)}/{option}")
        return frozenset(
            entry.group_path(path)
            for path in found
            for entry in self.entries(path)
            if entry.override and entry.group
        )

    def _with_parts(self, config_path: str) -> list[str]:
        """A config, and the configs that it includes."""
        found = [config_path]
        for path in found:  # to which the loop appends
            found += [part for part in self.parts(path) if part not in found]
        return found

    def group_of(self, config_path: str) -> str:
        """The group that a config is an option of: the nearest group in use above it, or else its folder."""
        folder = config_path.rpartition("/")[0]
        parts = folder.split("/")
        above = ("/".join(parts[:depth]) for depth in range(len(parts), 0, -1))
        return next((group for group in above if group in self.groups), folder)

    def file(self, config_path: str) -> str | None:
        """The file of a config, as diagnostics name it."""
        return self._sources.file_of(config_path)

    def files_with_parts(self, config_path: str) -> frozenset[str | None]:
        """The files of a config, and of the configs that it includes."""
        return frozenset(map(self.file, self._with_parts(config_path)))

    def _is_of_its_own_folder(self, config_path: str) -> bool:
        """Whether a config in a sub-folder is a primary one, started from that folder.

        So is one with a defaults list beside such a config, in a folder in which nothing chooses.
        """
        if self._says_that_it_is_primary(config_path):
            return True
        folder, _, _ = config_path.rpartition("/")
        document = self._sources.document(config_path)
        is_like_one = document is not None and document.package is None and self.entries(config_path)
        return bool(is_like_one) and folder not in self.groups and folder in self._folders_with_primaries

    @cached_property
    def _folders_with_primaries(self) -> frozenset[str]:
        return frozenset(
            path.rpartition("/")[0] for path in self._known if self._says_that_it_is_primary(path)
        )

    def _says_that_it_is_primary(self, config_path: str) -> bool:
        document = self._sources.document(config_path)
        return document is not None and document.package is None and self._speaks_of_hydra(config_path)

    def _speaks_of_hydra(self, config_path: str) -> bool:
        """Whether a config says at its top what only a primary one can: Hydra's own settings and options."""
        document = self._sources.document(config_path)
        return document is not None and (
            document.root.get("hydra") is not None
            or any(entry.override and is_hydras(entry.group or "") for entry in self.entries(config_path))
        )

    @cached_property
    def is_named_by_caller(self) -> bool:
        """Whether the source of some script does not show which config it starts from."""
        return any(point.is_main and point.config is None for point in self._sources.of_code.points)

    def added_by(self, config_path: str) -> frozenset[str]:
        """The groups, named from the top, in which a config chooses without `override`."""
        return frozenset(
            entry.group_path(config_path)
            for entry in self.entries(config_path)
            if entry.group and entry.group.startswith("/") and not (entry.override or entry.package)
        )

    def adds_folders(self, config_path: str) -> bool:
        """Whether a primary config has a `hydra.searchpath`."""
        document = self._sources.document(config_path)
        return document is not None and select(document.root, ("hydra", "searchpath")) is not None

    def is_global(self, config_path: str) -> bool:
        """Whether a config is merged into the whole config (`_global_`): an experiment, a set of debug settings."""
        return self._sources.package_of(config_path) == GLOBAL_PACKAGE

    def is_whole(self, config_path: str) -> bool:
        """Whether the interpolations of a config name keys at its own top, from the root: it is no part of another."""
        document = self._sources.document(config_path)
        if document is None or document.package is not None or not document.root.is_mapping:
            return False
        texts = (node.value for node in every(document.root) if isinstance(node.value, str))
        named = (reference.key for text in texts for reference in key_references(text))
        from_root = (split(key) for key in named if not key.startswith("."))
        return any(keys and keys[0] in document.root.value for keys in from_root)

    def is_placed(self, config_path: str) -> bool:
        """Whether a config has a package directive, like one that adds to another option."""
        document = self._sources.document(config_path)
        return document is not None and document.package not in (None, GLOBAL_PACKAGE)

    def is_config(self, config_path: str) -> bool:
        """Whether a file that nothing names looks like a config.

        It does if it has a defaults list, the package `_global_` or a `_target_` somewhere, or if it is
        in the folder of a group in use. A primary config of a folder of its own is none of this folder, and neither
        are the options that only such configs choose from. What cannot be read is one in serotiny's own layout,
        elsewhere where its text or a file beside it looks like one.
        """
        document = self._sources.document(config_path)
        if document is None:
            return False
        is_broken = any(fault.is_error for fault in document.diagnostics)
        if is_broken and self._sources.project.layout.is_own:
            return True
        if self.group_of(config_path) in self._of_other_folders:
            return False
        if config_path.rpartition("/")[0] in self.groups:
            return True
        if is_broken:
            return self.group_of(config_path) in self.groups or self._is_among_configs(config_path)
        if self._is_of_its_own_folder(config_path):
            return False
        return self._has_sign(config_path)

    def _is_among_configs(self, config_path: str) -> bool:
        """Whether the text of a file that cannot be read, or one of the files beside it, has what only a config has."""
        document = self._sources.document(config_path)
        if document is None or document.package is not None or _SIGN.search(document.text):
            return True
        return config_path.rpartition("/")[0] in self._folders_with_sign

    @cached_property
    def _folders_with_sign(self) -> frozenset[str]:
        """The folders in which a file has what only a config has."""
        return frozenset(path.rpartition("/")[0] for path in self.configs if self._has_sign(path))

    def _has_sign(self, config_path: str) -> bool:
        """Whether a config has the package `_global_`, a defaults list, or a `_target_` somewhere."""
        document = self._sources.document(config_path)
        return document is not None and (
            self.is_global(config_path) or bool(self.entries(config_path)) or _has_target(document.root)
        )


def plain_path(config_path: str) -> str:
    """The path of a config without the suffix that Hydra's names may have, and without ways back up (`a/../b`)."""
    plain = config_path.removesuffix(SUFFIX)
    return normpath(plain) if ".." in plain else plain


def _has_target(root: Node) -> bool:
    return any(node.get("_target_") is not None for node in every(root))
