"""What `logging.config` refuses of a configuration: levels, and names of handlers and formatters that are not there."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

Fault = tuple[tuple[str, ...], str, str]
"""The keys of a value, what is wrong with it, and what to do."""


def faults_of_logging(config: Mapping[str, Any]) -> Iterator[Fault]:
    """Each value of a `dictConfig` of Hydra's at which it would raise; values of other types are left alone."""
    if "root" not in config:
        yield (), "has no `root`", "write `root: null` to leave the root logger as it is"
    for keys, logger in [(("root",), config.get("root")), *_below(config, "loggers")]:
        if isinstance(logger, Mapping):
            yield from _level(keys, logger)
            handlers = logger.get("handlers")
            for name in handlers if isinstance(handlers, list) else ():
                yield from _reference((*keys, "handlers"), name, config, "handlers")
    for keys, handler in _below(config, "handlers"):
        if isinstance(handler, Mapping):
            yield from _level(keys, handler)
            yield from _reference((*keys, "formatter"), handler.get("formatter"), config, "formatters")


def _below(config: Mapping[str, Any], section: str) -> list[tuple[tuple[str, ...], Any]]:
    parts = config.get(section)
    return [((section, name), part) for name, part in parts.items()] if isinstance(parts, Mapping) else []


def _level(keys: tuple[str, ...], part: Mapping[str, Any]) -> Iterator[Fault]:
    level, known = part.get("level"), logging.getLevelNamesMapping()
    if isinstance(level, str) and level not in known:
        meant = f"write `{level.upper()}`" if level.upper() in known else f"there are {', '.join(known)}"
        yield (*keys, "level"), f"`{level}` is no level of a log", meant


def _reference(keys: tuple[str, ...], name: Any, config: Mapping[str, Any], section: str) -> Iterator[Fault]:
    there = config.get(section)
    names = [*there] if isinstance(there, Mapping) else []
    if isinstance(name, str) and name not in names:
        listed = ", ".join(f"`{other}`" for other in names)
        yield (
            keys,
            f"`{name}` is none of its {section}",
            f"there are {listed}" if names else f"add it to `{section}`",
        )
