"""Tell an `override` that overrides nothing only because another config is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from serotiny.compiler.defaults.configs import WrittenEntry
from serotiny.compiler.defaults.lists import Lists
from serotiny.compiler.hydra.names import is_hydras
from serotiny.compiler.syntax.defaults_list import absolute


def follows_from_missing(written: WrittenEntry, lists: Lists, absent: Collection[str]) -> bool:
    """Whether an `override` has nothing to override only because another config is missing, or cannot be read.

    That is one of the same list or of the primary config's, or one that stands for an option that would choose in the group.

    Args:
        written: the entry.
        lists: those of the job.
        absent: the configs that are missing.
    """
    path = written.config_path
    group = written.entry.group_path(path)
    if any(group in _groups_beside(config, lists) for config in absent):
        return True
    named = (config for lister in {path, lists.primary} for config in _named(lister, lists))
    # an option of Hydra's own groups, as one of a plug-in that is not installed, chooses in no other group
    may_choose = (config for config in named if is_hydras(group) or not is_hydras(config))
    return any(config in absent or _is_unread(config, lists) for config in may_choose)


def _named(config_path: str, lists: Lists) -> Iterator[str]:
    """The configs that a defaults list names, those that its overrides choose too."""
    for entry in lists.entries(config_path):
        for option, _ in entry.options():
            group = f"{entry.group_path(config_path)}/{option}"
            yield group if entry.group else absolute(option, config_path)


def _is_unread(config_path: str, lists: Lists) -> bool:
    """Whether a config exists of which it is not known what it chooses."""
    document = lists.sources.document(config_path)
    return document is not None and document.root.incomplete and document.root.get("defaults") is None


def _groups_beside(config_path: str, lists: Lists) -> Iterator[str]:
    """The groups in which the other options of a config's group choose."""
    folder = config_path.rpartition("/")[0]
    for option in lists.sources.options(folder) if folder else ():
        beside = f"{folder}/{option}"
        yield from (entry.group_path(beside) for entry in lists.entries(beside) if entry.group)
