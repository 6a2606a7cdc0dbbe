"""A config as plain data: the leaves of it, and when two of its values mean the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Keys = tuple[Any, ...]
"""Where a value stands, key by key from the root; integers are list indices."""


def leaves(
    value: Any, goes_through: Callable[[Sequence[Any]], bool] = bool, keys: Keys = ()
) -> Iterator[tuple[Keys, Any]]:
    """Every value of a config that holds no other, in the config's order, with its keys.

    Args:
        value: the config, or a part of it; an empty container is a leaf.
        goes_through: which lists are parts; another one is a leaf as a whole.
        keys: where `value` itself stands.
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


def canonical(value: Any) -> Any:
    """The value whose JSON is the same for all that mean the same.

    `1` and `1.0` are one number, `true` is none; what JSON has no form for stands as text.
    """
    if isinstance(value, Mapping):
        return {str(key): canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)
