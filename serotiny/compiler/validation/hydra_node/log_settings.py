"""Check the configuration of Python's logging that Hydra's node holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from serotiny.compiler.target_nodes import via
from serotiny.compiler.tree import Keys, Node, Unknown, join, select, walk
from serotiny.compiler.validation.hydra_node.telling import misplaced, refused, shown
from serotiny.compiler.validation.secret_values import as_written
from serotiny.diagnostics import Diagnostic
from serotiny.schemas.rules.locations import fault_of_log_path
from serotiny.schemas.rules.log_formats import fault_of_log_format
from serotiny.schemas.rules.logging_parts import HANDLERS
from serotiny.schemas.rules.logging_settings import faults_of_logging

_LOGGING: Final = HANDLERS | frozenset(
    {
        "colorlog.ColoredFormatter",
        "colorlog.StreamHandler",
        "colorlog.TTYColoredFormatter",
        "logging.Filter",
        "logging.Formatter",
        "pythonjsonlogger.json.JsonFormatter",
        "pythonjsonlogger.jsonlogger.JsonFormatter",
        "rich.logging.RichHandler",
    }
)
_IMPORTED: Final = frozenset({"json_default", "json_encoder", "json_serializer"})
"""Arguments of formatters of JSON that are functions, or paths of functions."""

_FORMATS: Final = ("format", "fmt")
_EXTERNAL: Final = frozenset({"ext://sys.stdout", "ext://sys.stderr"})


@dataclass(frozen=True)
class LogJudge:
    """Judges what the loggers of a job are made of.

    Attributes:
        root: where files may be written.
        is_own: whether a target is code of the project itself.
        is_whole: whether the options that the settings are made of are all there.
    """

    root: PurePosixPath
    is_own: Callable[[Any], bool]
    is_whole: bool

    def faults(self, settings: Node) -> Iterator[Diagnostic]:
        """SER505 for what may not be named, SER506 for a file elsewhere, SER111 for what Python would refuse."""
        for section in ("job_logging", "hydra_logging"):
            part = settings.get(section)
            if part is None:
                continue
            found = [*self._of_named(section, part), *_formats((section,), part)]
            yield from found
            if self.is_whole and part.is_mapping:
                told = {fault.key for fault in found}
                yield from (fault for fault in _logging_faults(section, part) if fault.key not in told)

    def _of_named(self, section: str, part: Node) -> Iterator[Diagnostic]:
        """SER505 for code that may not be named, SER506 for a file elsewhere."""
        where = "may not be named in a logging configuration"
        for below, node in walk(part):
            keys, value = (section, *below), node.value
            name = keys[-1]
            if name == ".":  # sets any attribute of the object
                fix = "give what it takes as parameters"
                yield refused(keys, node, "attributes may not be set in a logging configuration", fix)
            # in `logging.config`, `()` is a factory and `ext://` a path to import
            elif name in ("class", "()") and not (isinstance(value, str) and value in _LOGGING):
                if not self.is_own(value):
                    fix = f"there are {', '.join(sorted(_LOGGING))}, and classes of the project's own"
                    yield refused(keys, node, f"`{shown(node)}` {where}", fix)
            elif isinstance(value, str) and value.startswith("ext://") and value not in _EXTERNAL:
                fix = "there are `ext://sys.stdout` and `ext://sys.stderr`"
                yield refused(keys, node, f"`{value}` {where}", fix)
            elif name in _IMPORTED and isinstance(value, str | Unknown):
                fix = "leave it out, or write a formatter of the project's own"
                yield refused(keys, node, f"`{name}` imports what it names, and {where[4:]}", fix)
            elif name == "filename":
                yield from misplaced(keys, node, fault_of_log_path, self.root)


def _logging_faults(section: str, part: Node) -> Iterator[Diagnostic]:
    """SER111 for what Python's own reading of the configuration would raise at."""
    for keys, fault, fix in faults_of_logging(part.plain()):
        node, key = select(part, keys) or part, join(("hydra", section, *keys))
        told = Diagnostic("SER111", f"`{key}`: {fault}", node.place, key, help=fix, notes=via(node))
        yield from as_written([told], part)


def _formats(keys: Keys, part: Node) -> Iterator[Diagnostic]:
    """SER505 for formats that ask more of a record than its fields."""
    for below, node in walk(part):
        style = node.get("style")
        for name in _FORMATS:
            text = node.get(name)
            if text is None or not isinstance(text.value, str | Unknown):
                continue
            if (fault := _format_fault(text, style)) is not None:
                key = (*keys, *below, name)
                fix = "name fields plainly, as in `{levelname:<8} {message}`"
                yield refused(key, text, f"`{shown(text)}` {fault}", fix)


def _format_fault(text: Node, style: Node | None) -> str | None:
    named = "%" if style is None else style.value
    if isinstance(text.value, str):
        # of a style that is known only inside a job the one that could do most
        return fault_of_log_format(text.value, "{" if isinstance(named, Unknown) else named)
    return None if named == "%" else "is known only inside a job, and may reach into fields there"
