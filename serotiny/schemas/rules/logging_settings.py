"""What `logging.config` refuses of a configuration: parts of another form, and names of parts that are not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from serotiny.plain_config import leaves
from serotiny.schemas.rules.logging_parts import (
    Fault,
    Keys,
    fault_of_formatter,
    fault_of_level,
    faults_of_handler,
    in_words,
    is_copied,
    is_known,
)

_THERE_BEFORE: Final = frozenset({"console"})
"""The handlers of Hydra's own logging."""

_SECTIONS: Final = ("formatters", "filters", "handlers", "loggers")


def faults_of_logging(config: Mapping[str, Any]) -> Iterator[Fault]:
    """Each value of a `dictConfig` of Hydra's at which it would raise; what is known only in a job is left alone."""
    if "root" not in config:
        yield (), "has no `root`", "write `root: null` to leave the root logger as it is"
    if config.get("root") is None:
        return  # Hydra leaves all loggers as they are
    if config.get("version") != 1:
        yield ("version",), "has not the `version` that Python knows", "write `version: 1`"
    handlers = config.get("handlers")
    if config.get("incremental") and isinstance(handlers, Mapping) and {*handlers} - _THERE_BEFORE:
        yield ("incremental",), "changes handlers that are not there before the job", "leave it out"
    yield from _of_other_form(config)
    for keys, logger in _parts(config, "root", "loggers"):
        yield from fault_of_level(keys, logger)
        for section in ("handlers", "filters"):
            yield from _names(keys, logger, config, section)
    for keys, handler in _parts(config, "handlers"):
        yield from fault_of_level(keys, handler)
        yield from faults_of_handler(keys, handler)
        if handler.get("formatter"):
            yield from _name((*keys, "formatter"), handler["formatter"], config, "formatters")
        yield from _names(keys, handler, config, "filters")
    for keys, formatter in _parts(config, "formatters"):
        yield from fault_of_formatter(keys, formatter)
    for section in (*_SECTIONS, "root"):
        yield from _copied(section, config)


def _of_other_form(config: Mapping[str, Any]) -> Iterator[Fault]:
    """The sections that are no mappings of names, and the parts that are no mappings of settings."""
    fix = "take it out, or write its settings"
    root = config["root"]
    if root and is_known(root) and not isinstance(root, Mapping):
        yield ("root",), f"is {in_words(root)}, where settings are read", fix
    for section in _SECTIONS:
        parts = config.get(section, {})
        if not isinstance(parts, Mapping) and is_known(parts):
            yield (section,), f"is {in_words(parts)}, where a mapping of names to settings is read", fix
        for name, part in parts.items() if isinstance(parts, Mapping) else ():
            if not isinstance(part, Mapping) and is_known(part):
                yield (section, name), f"is {in_words(part)}, where settings are read", fix


def _parts(config: Mapping[str, Any], *sections: str) -> Iterator[tuple[Keys, Mapping[str, Any]]]:
    """The settings in some sections, as far as they are mappings; `root` is one by itself."""
    for section in sections:
        of_section = config.get(section)
        if not isinstance(of_section, Mapping):
            continue
        parts = (
            {(section,): of_section}
            if section == "root"
            else {(section, name): part for name, part in of_section.items()}
        )
        yield from ((keys, part) for keys, part in parts.items() if isinstance(part, Mapping))


def _copied(section: str, config: Mapping[str, Any]) -> Iterator[Fault]:
    """What the values of a section take from elsewhere in the configuration, by `cfg://`, and is not there."""
    values = ((keys, value) for keys, value in leaves(config.get(section), keys=(section,)))
    for keys, value in values:
        if not is_copied(value):
            continue
        from logging.config import BaseConfigurator  # imports servers

        try:
            BaseConfigurator(dict(config)).convert(value)
        except (ValueError, LookupError, TypeError):
            fix = "name what is there, as `cfg://handlers.console` names the handler `console`"
            yield tuple(map(str, keys)), f"`{value}` leads to nothing in this configuration", fix


def _names(keys: Keys, part: Mapping[str, Any], config: Mapping[str, Any], section: str) -> Iterator[Fault]:
    """What is wrong with the names of parts of a section that a logger or handler lists."""
    names = part.get(section)
    if isinstance(names, list | Mapping):
        for name in names:
            yield from _name((*keys, section), name, config, section)
    elif names and is_known(names) and not is_copied(names):
        yield (*keys, section), f"is {in_words(names)}, where a list of names is read", f"write `[{names}]`"


def _name(keys: Keys, name: Any, config: Mapping[str, Any], section: str) -> Iterator[Fault]:
    there = config.get(section)
    names = [*there] if isinstance(there, Mapping) else []
    if is_known(name) and not is_copied(name) and name not in names:
        listed = ", ".join(f"`{other}`" for other in names)
        fix = f"there are {listed}" if names else f"add it to `{section}`"
        yield keys, f"{in_words(name)} is none of its {section}", fix
