"""What `logging.config` refuses of a configuration: levels, parts that are not whole, and names of parts that are not there."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final

from serotiny.plain_config import leaves

Fault = tuple[tuple[str, ...], str, str]
"""The keys of a value, what is wrong with it, and what to do."""

_SECTIONS: Final = ("formatters", "filters", "handlers", "loggers")
_OF_FILES: Final = tuple(
    f"logging.{name}"
    for name in (
        "FileHandler",
        "handlers.RotatingFileHandler",
        "handlers.TimedRotatingFileHandler",
        "handlers.WatchedFileHandler",
    )
)


def faults_of_logging(config: Mapping[str, Any]) -> Iterator[Fault]:
    """Each value of a `dictConfig` of Hydra's at which it would raise; values of other types are left alone."""
    if "root" not in config:
        yield (), "has no `root`", "write `root: null` to leave the root logger as it is"
    if config.get("root") is None:
        return  # Hydra leaves all loggers as they are
    if config.get("version") != 1:
        yield (), "has not the `version` that Python knows", "write `version: 1`"
    for section in _SECTIONS:
        for keys, part in _below(config, section):
            if part is None:
                yield keys, "is null, where settings are read", "take it out, or write its settings"
    for keys, logger in [(("root",), config.get("root")), *_below(config, "loggers")]:
        if isinstance(logger, Mapping):
            yield from _level(keys, logger)
            for section in ("handlers", "filters"):
                yield from _references(keys, logger, config, section)
    for keys, handler in _below(config, "handlers"):
        if isinstance(handler, Mapping):
            yield from _level(keys, handler)
            yield from _class(keys, handler)
            yield from _reference((*keys, "formatter"), handler.get("formatter"), config, "formatters")
            yield from _references(keys, handler, config, "filters")
    for section in (*_SECTIONS, "root"):
        yield from _copied(section, config)


def _below(config: Mapping[str, Any], section: str) -> list[tuple[tuple[str, ...], Any]]:
    parts = config.get(section)
    return [((section, name), part) for name, part in parts.items()] if isinstance(parts, Mapping) else []


def _level(keys: tuple[str, ...], part: Mapping[str, Any]) -> Iterator[Fault]:
    level, known = part.get("level"), logging.getLevelNamesMapping()
    if isinstance(level, str) and level not in known and not _is_copied(level):
        meant = f"write `{level.upper()}`" if level.upper() in known else f"there are {', '.join(known)}"
        yield (*keys, "level"), f"`{level}` is no level of a log", meant


def _class(keys: tuple[str, ...], handler: Mapping[str, Any]) -> Iterator[Fault]:
    if "()" in handler:
        return
    name = handler.get("class")
    if name is None:
        yield (
            keys,
            "has no `class`",
            "write it, as in `class: logging.FileHandler`, or choose the option of Hydra's logging that has this handler",
        )
    elif name in _OF_FILES and "filename" not in handler:
        yield keys, f"is a {name} without a `filename`", "write where the log goes"


def _copied(section: str, config: Mapping[str, Any]) -> Iterator[Fault]:
    """What the values of a section take from elsewhere in the configuration, by `cfg://`, and is not there."""
    values = ((keys, value) for keys, value in leaves(config.get(section), keys=(section,)))
    for keys, value in values:
        if not _is_copied(value):
            continue
        from logging.config import BaseConfigurator  # imports servers

        try:
            BaseConfigurator(dict(config)).convert(value)
        except (ValueError, LookupError, TypeError):
            fix = "name what is there, as `cfg://handlers.console` names the handler `console`"
            yield tuple(map(str, keys)), f"`{value}` leads to nothing in this configuration", fix


def _is_copied(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("cfg://")


def _references(
    keys: tuple[str, ...], part: Mapping[str, Any], config: Mapping[str, Any], section: str
) -> Iterator[Fault]:
    """What is wrong with the names of parts of a section that a logger or handler lists."""
    names = part.get(section)
    for name in names if isinstance(names, list) else ():
        yield from _reference((*keys, section), name, config, section)


def _reference(keys: tuple[str, ...], name: Any, config: Mapping[str, Any], section: str) -> Iterator[Fault]:
    there = config.get(section)
    names = [*there] if isinstance(there, Mapping) else []
    if isinstance(name, str) and name not in names and not _is_copied(name):
        listed = ", ".join(f"`{other}`" for other in names)
        yield (
            keys,
            f"`{name}` is none of its {section}",
            f"there are {listed}" if names else f"add it to `{section}`",
        )
