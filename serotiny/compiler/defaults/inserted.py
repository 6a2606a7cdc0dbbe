"""The groups whose option `default` is taken, since nothing chooses in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from serotiny.compiler.defaults.configs import Defaults
from serotiny.compiler.defaults.errors import DefaultsRejected
from serotiny.compiler.defaults.lists import Lists
from serotiny.compiler.overrides.argument import Argument
from serotiny.compiler.sources.builtin import BASES
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.tree import select, split
from serotiny.schemas.names import CHOSEN_BY_DEFAULT


def groups_to_insert(
    lists: Lists, arguments: Sequence[Argument], compute: Callable[[Sequence[Argument]], Defaults]
) -> tuple[str, ...]:
    """The groups whose option `default` is inserted, since no option is chosen and no config has their content.

    Args:
        lists: the defaults lists of the job, without any inserted group.
        arguments: the overrides that may choose options.
        compute: expands the lists with some of them.
    """
    sources, project = lists.sources, lists.sources.project
    if not project.layout.is_own or project.operation_of(lists.primary) is None:
        return ()
    named = {entry.group for entry in lists.entries(lists.primary)}
    candidates = [
        group for group in CHOSEN_BY_DEFAULT if group not in named and sources.has_option(group, "default")
    ]
    if not candidates:
        return ()
    additions = [argument for argument in arguments if argument.parsed.adds]
    # Hydra refuses `model=vae` when `model` is not in the list; then try with additions (`+group=…`) only
    for tried in (arguments, additions, []):
        try:
            without = compute(tried)
        except DefaultsRejected:
            continue  # it is found again when the list is expanded, and reported
        return tuple(
            group
            for group in candidates
            if group not in without.chosen and not _is_spelt_out(group, without, sources)
        )
    return tuple(candidates)


def _is_spelt_out(group: str, defaults: Defaults, sources: Sources) -> bool:
    """Whether a merged config has content at the place of the group's options."""
    wanted = tuple(group.split("/"))
    for config_path, package in defaults.order:
        # the defaults of the schemas are there for every group, so they are not a choice
        if config_path in BASES.values():
            continue
        document = sources.document(config_path)
        keys = split(package)
        if document is None or wanted[: len(keys)] != keys or wanted == keys:
            continue
        if select(document.root, wanted[len(keys) :]) is not None:
            return True
    return False
