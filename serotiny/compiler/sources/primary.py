"""The whole defaults list of a primary config: its own, and what serotiny puts before it."""

from __future__ import annotations

from serotiny.compiler.project import Project
from serotiny.compiler.sources.builtin import BASES
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.defaults_list import SELF, DefaultsEntry


def complete_primary(
    entries: list[DefaultsEntry], bases: tuple[tuple[str, str], ...], inserted: tuple[str, ...]
) -> list[DefaultsEntry]:
    """The defaults list of a primary config, with what serotiny puts before the user's own entries.

    Args:
        entries: the list as written.
        bases: configs that everything else is merged over, each with its package.
        inserted: groups whose option `default` is taken.
    """
    added = [DefaultsEntry(group=None, value=f"/{base}", package=package) for base, package in bases]
    added += [DefaultsEntry(group=group, value="default") for group in inserted]
    if any(entry.is_self for entry in entries):
        return [*added, *entries]
    # Hydra's own rule: without `_self_` a config comes after its defaults.
    plain = [entry for entry in entries if not entry.override]
    overrides = [entry for entry in entries if entry.override]
    return [*added, *plain, DefaultsEntry(group=None, value=SELF), *overrides]


def primary_entries(sources: Sources, primary: str, inserted: tuple[str, ...]) -> list[DefaultsEntry]:
    """The whole defaults list: the schemas' defaults, option `default` of the `inserted` groups, its own entries."""
    entries, _ = sources.defaults(primary)
    return complete_primary([*entries], bases_of(sources.project, primary), inserted)


def bases_of(project: Project, primary: str) -> tuple[tuple[str, str], ...]:
    """The configs with schema defaults that a primary config is merged over, each with its package.

    Only what serotiny can run has any. In another layout than serotiny's own it is `mlflow` alone.
    """
    if project.operation_of(primary) is None:
        return ()
    if project.layout.is_own:
        return tuple((base, group) for group, base in BASES.items())
    place = project.layout.mlflow
    return () if place is None else ((BASES["mlflow"], place),)
