"""Keys of mappings that are no texts, as `{0: cat, 1: dog}`, of which JSON would make texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from serotiny.plain_config import Keys


def keys_that_are_no_texts(config: Any, at: Keys = ()) -> Iterator[Keys]:
    """The path of each entry with such a key, those further up first."""
    if isinstance(config, list):
        for index, item in enumerate(config):
            yield from keys_that_are_no_texts(item, (*at, index))
    if isinstance(config, dict):
        yield from ((*at, key) for key in config if not isinstance(key, str))
        for key, item in config.items():
            yield from keys_that_are_no_texts(item, (*at, key))


def restore_keys(config: dict[str, Any], paths: Sequence[Sequence[Any]]) -> None:
    """Give the entries of a config that was read from JSON the keys with which these paths end.

    Raises:
        LookupError, TypeError, ValueError, AttributeError: a path leads to nothing.
    """
    for *above, key in paths:
        holder: Any = config
        for step in above:
            holder = holder[step]
        written = json.dumps(key)
        if written not in holder:
            raise LookupError(written)
        entries = [(key if name == written else name, item) for name, item in holder.items()]
        holder.clear()
        holder.update(entries)
