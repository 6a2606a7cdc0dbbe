"""Keep the order of columns in which a model was trained, also with other files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from serotiny.datamodules.content import AnyLoader
from serotiny.datamodules.loading import LoadedSplit, Request
from serotiny.io.dataframe.loaders.columns import LoadColumns


def columns_of_keys(loaded: Sequence[LoadedSplit]) -> dict[str, list[str]]:
    """The columns of each key in the first split that has it, which is that of the training if it is there."""
    found: dict[str, list[str]] = {}
    for item in loaded:
        for key, names in item.content.columns.items():
            found.setdefault(key, list(names))
    return found


def other_orders(
    present: Mapping[str, Sequence[str]], given: Mapping[str, Sequence[str]]
) -> dict[str, Sequence[str]]:
    """The given columns of each key that are those present, in another order."""
    return {
        key: names
        for key, names in given.items()
        if key in present and sorted(names) == sorted(present[key]) and list(names) != list(present[key])
    }


def in_order(request: Request, columns: Mapping[str, Sequence[str]]) -> Request:
    """The request with loaders that take their columns in these orders, the same object for the same loader."""
    done: dict[tuple[str, int], AnyLoader] = {}
    for loaders in request.loaders.values():
        for key, loader in loaders.items():
            names = columns.get(key)
            done[key, id(loader)] = (
                loader.in_order(names) if names is not None and isinstance(loader, LoadColumns) else loader
            )
    return replace(
        request,
        loaders={
            split: {key: done[key, id(loader)] for key, loader in loaders.items()}
            for split, loaders in request.loaders.items()
        },
    )
