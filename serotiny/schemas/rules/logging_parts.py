"""What `logging.config` refuses of a single logger, handler or formatter."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Final

from serotiny.diagnostics.suggestions import closest

Keys = tuple[str, ...]
Fault = tuple[Keys, str, str]
"""The keys of a value, what is wrong with it, and what to do."""

_OF_ALL: Final = frozenset({"class", "formatter", "level", "filters"})
"""The settings of a handler that its class is not called with."""

HANDLERS: Final = frozenset(
    {
        "logging.FileHandler",
        "logging.NullHandler",
        "logging.StreamHandler",
        "logging.handlers.MemoryHandler",
        "logging.handlers.RotatingFileHandler",
        "logging.handlers.TimedRotatingFileHandler",
        "logging.handlers.WatchedFileHandler",
    }
)
"""The handlers of Python's own that a job may have: those that write to a file or a stream here."""

_STYLES: Final = ("%", "{", "$")


def fault_of_level(keys: Keys, part: Mapping[str, Any]) -> Iterator[Fault]:
    """The fault of a level that is neither a number nor the name of one."""
    level, known = part.get("level"), logging.getLevelNamesMapping()
    if level is None or isinstance(level, int) or is_copied(level) or not is_known(level):
        return
    if isinstance(level, str) and level in known:
        return
    is_of_other_case = isinstance(level, str) and level.upper() in known
    fix = f"write `{level.upper()}`" if is_of_other_case else f"there are {', '.join(known)}"
    yield (*keys, "level"), f"{in_words(level)} is no level of a log", fix


def faults_of_handler(keys: Keys, handler: Mapping[str, Any]) -> Iterator[Fault]:
    """The faults of what a handler's class is called with, if it is one of Python's own."""
    if "()" in handler:
        return
    name = handler.get("class")
    if name is None:
        fix = "write it, as in `class: logging.FileHandler`, or choose the option of Hydra's logging that has this handler"
        yield keys, "has no `class`", fix
        return
    if not isinstance(name, str) or name not in HANDLERS:
        return
    parameters = _parameters(name)
    for parameter in parameters.values():
        if parameter.default is parameter.empty and parameter.name not in handler:
            yield keys, f"is a {name} without a `{parameter.name}`", _WHAT_TO_GIVE[parameter.name]
    for key in handler:
        if key.isidentifier() and key not in _OF_ALL and key not in parameters:
            meant = closest(key, parameters)
            fix = (
                f"did you mean `{meant}`?"
                if meant
                else f"it takes {', '.join(f'`{it}`' for it in parameters)}"
            )
            yield (*keys, key), f"`{key}` is no parameter of {name}", fix
    path = handler.get("filename", "")
    if "filename" in parameters and is_known(path) and not isinstance(path, str):
        yield (*keys, "filename"), f"is {in_words(path)}, where a path is read", _WHAT_TO_GIVE["filename"]


_WHAT_TO_GIVE: Final = {"filename": "write where the log goes", "capacity": "write how many records it holds"}


def _parameters(name: str) -> Mapping[str, inspect.Parameter]:
    module, _, handler = name.rpartition(".")
    # `logging.handlers` imports servers and queues, which nothing else needs
    return inspect.signature(getattr(import_module(module), handler)).parameters


def fault_of_formatter(keys: Keys, formatter: Mapping[str, Any]) -> Iterator[Fault]:
    """The fault of a format that Python cannot use, or that has no field of its style."""
    text, style = formatter.get("format"), formatter.get("style", "%")
    if "()" in formatter or formatter.get("class", "logging.Formatter") not in (None, "logging.Formatter"):
        return
    if is_copied(text) or is_copied(style) or not is_known(text) or not is_known(style):
        return
    if style not in _STYLES:
        fix = f"there are {', '.join(f'`{known}`' for known in _STYLES)}"
        yield (*keys, "style"), f"{in_words(style)} is no style of a format", fix
        return
    try:
        logging.Formatter(text, None, style, validate=bool(formatter.get("validate", True)))
    except (ValueError, TypeError) as error:
        fix = "name fields as in `%(message)s`, or as in `{message}` with `style: '{'`"
        yield (*keys, "format"), f"{in_words(text)} is no format: {str(error).lower()}", fix


def is_known(value: Any) -> bool:
    """Whether a value is known before a job."""
    return value is None or isinstance(value, bool | int | float | str | list | Mapping)


def is_copied(value: Any) -> bool:
    """Whether a value is taken from elsewhere in the configuration."""
    return isinstance(value, str) and value.startswith("cfg://")


def in_words(value: Any) -> str:
    """A value as messages show it."""
    if isinstance(value, list | Mapping):
        return "a list" if isinstance(value, list) else "a mapping"
    return "null" if value is None else f"`{value}`"
