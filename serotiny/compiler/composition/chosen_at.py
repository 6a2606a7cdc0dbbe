"""Where an option of one of Hydra's own groups is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from serotiny.compiler.overrides.argument import Argument
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.defaults_list import read_defaults
from serotiny.diagnostics import Place


def place_of_choice(
    group: str, arguments: Sequence[Argument], configs: Iterable[str], sources: Sources
) -> Place | None:
    """The override or the entry of a defaults list that decides on an option; None where Hydra's own list does.

    Args:
        group: as `hydra/launcher`.
        arguments: the overrides.
        configs: the configs that were merged, the last to choose first.
        sources: the configs of the project.
    """
    for argument in reversed(arguments):
        if argument.parsed.key_or_group == group:
            return argument.value_place
    for config_path in configs:
        document = None if sources.is_further(config_path) else sources.document(config_path)
        for entry in read_defaults(document)[0] if document is not None else ():
            if entry.group is not None and entry.group_path(config_path) == group and entry.place:
                return entry.place
    return None
