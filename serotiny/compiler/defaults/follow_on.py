"""Tell an `override` that overrides nothing only because another config is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from serotiny.compiler.defaults.configs import WrittenEntry
from serotiny.compiler.defaults.lists import Lists
from serotiny.compiler.hydra.names import is_hydras
from serotiny.compiler.hydra.plugin_packages import PLUGIN_OF
from serotiny.compiler.project_code.one_slip import is_one_slip_away
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
    if _is_misspelt(group, lists):
        return False
    if any(group in _groups_beside(config, lists) for config in absent):
        return True
    named = (config for lister in {path, lists.primary} for config in _named(lister, lists))
    return any(
        config in absent or _is_unread(config, lists) for config in named if _may_choose_in(group, config)
    )


def _is_misspelt(group: str, lists: Lists) -> bool:
    """Whether a group is not there, and one of almost the same name is."""
    groups = lists.sources.groups()
    return group not in groups and any(is_one_slip_away(group, known) for known in groups)


def _may_choose_in(group: str, config_path: str) -> bool:
    """Whether a config may choose in a group: one of Hydra's only in Hydra's, an option of a plug-in only below its own."""
    if config_path in PLUGIN_OF:
        return group.startswith(f"{config_path.rpartition('/')[0]}/")
    return is_hydras(group) or not is_hydras(config_path)


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
