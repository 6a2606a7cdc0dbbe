"""A config as plain data: its leaves, and a canonical form of its values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

Keys = tuple[Any, ...]
"""The path of a value, key by key from the root; integers are list indices."""


def leaves(
    value: Any, goes_through: Callable[[Sequence[Any]], bool] = bool, keys: Keys = ()
) -> Iterator[tuple[Keys, Any]]:
    """Every leaf of a config, in order, with its keys.

    Args:
        value: the config, or a part of it; an empty container is a leaf.
        goes_through: whether to go into a list; otherwise it is a leaf as a whole.
        keys: the path of `value` itself.
    """
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from leaves(item, goes_through, (*keys, key))
    elif isinstance(value, list | tuple) and value and goes_through(value):
        for index, item in enumerate(value):
            yield from leaves(item, goes_through, (*keys, index))
    else:
        yield keys, value


def join(keys: Keys) -> str:
    """Keys as OmegaConf writes them: `trainer.callbacks[0].monitor`."""
    text = ""
    for key in keys:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else str(key)
    return text


def is_within(keys: Keys, paths: Collection[str]) -> bool:
    """Whether a value is at one of some keys, as `join` writes them, or a part of what is there."""
    return bool(paths) and any(join(keys[:count]) in paths for count in range(1, len(keys) + 1))


def canonical(value: Any) -> Any:
    """The value in a form whose JSON is equal for equal values.

    `1` and `1.0` are the same number, `true` is not one; values that JSON cannot hold become text.
    """
    if isinstance(value, Mapping):
        return {str(key): canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)
