"""Read one YAML file into a tree; what is wrong with it becomes diagnostics.

Size, depth and the number of aliases are bounded before anything is built.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import yaml

from serotiny.compiler.limits import MAX_FILE_BYTES, TOO_MANY_VALUES
from serotiny.compiler.syntax.sound_part import sound_part
from serotiny.compiler.syntax.tree_builder import TreeBuilder, UnreadableError, too_deep
from serotiny.compiler.syntax.unclosed import unclosed_bracket
from serotiny.compiler.tree import Node
from serotiny.diagnostics import Diagnostic, Origin, Place
from serotiny.plain_yaml import is_too_deep
from serotiny.reads import file_state

_PLAIN_VALUE: Final = re.compile(r"^\s*(?:- +)?(?P<key>[\w.]+:) +(?P<value>[^#\s].*?)(?: +#.*)?$")
_JOINED: Final = re.compile(r"[}\]][^,}\]\s]")
_HIDES: Final = "what else is wrong in this file, and in what builds on it, shows once it can be read"


@dataclass(frozen=True, kw_only=True)
class Document:
    """A YAML file as read.

    Attributes:
        file: the path that diagnostics show.
        root: its tree; when the file could not be read, an incomplete mapping of the keys before the fault.
        package: what a `# @package` line says.
        diagnostics: SER101, SER102 and SER108, in file order.
        text: what was read, for showing the line at fault.
        values: how many values it has, its keys among them, those of an alias counted as often as it stands there.
        levels: of how many mappings and lists one holds the next.
    """

    file: str
    root: Node
    package: str | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    text: str = ""
    values: int = 0
    levels: int = 0


def read_document(path: Path, file: str, text: str | None = None) -> Document:
    """Read `path` (or `text`, where an editor holds what is not saved yet).

    Returns:
        The document, with SER101 (syntax, tags), SER102 (duplicate key) and SER108 (encoding, size,
        depth, aliases, permissions) in `diagnostics`.
    """
    if text is None:
        try:
            state = file_state(os.fspath(path))
            if state is not None and state[0] < 0:
                return _unreadable(file, "is no file that can be read")
            if state is not None and state[0] > MAX_FILE_BYTES:
                return _unreadable(file, f"is larger than {MAX_FILE_BYTES:,} bytes", fix=TOO_MANY_VALUES)
            raw = path.read_bytes()
        except OSError as error:
            return _unreadable(file, f"cannot be read: {error.strerror or error}")
        if len(raw) > MAX_FILE_BYTES:
            return _unreadable(file, f"is larger than {MAX_FILE_BYTES:,} bytes", fix=TOO_MANY_VALUES)
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            column = error.start - raw.rfind(b"\n", 0, error.start)
            message = f"is not UTF-8: byte 0x{raw[error.start]:02x}"
            return _unreadable(file, message, line=line, column=column, fix="save it as UTF-8")
    elif len(text.encode("utf-8", "replace")) > MAX_FILE_BYTES:
        return _unreadable(file, f"is larger than {MAX_FILE_BYTES:,} bytes", fix=TOO_MANY_VALUES)
    # an editor's text is decoded already, but may begin with a byte order mark
    return parse_document(file, text.removeprefix("\ufeff"))


def parse_document(file: str, text: str) -> Document:
    """Read YAML from `text`; as `read_document`, without touching a disk."""
    builder = TreeBuilder(file)
    try:
        root = builder.build(text)
    except UnreadableError as fault:
        root = None
        builder.diagnostics.append(fault.diagnostic)
    except yaml.MarkedYAMLError as error:
        root = None
        builder.diagnostics.append(_syntax_fault(file, text, error))
    # the second: an editor may send half of a character, of which there are no bytes
    except (yaml.reader.ReaderError, UnicodeEncodeError) as error:
        root = None
        found = yaml.reader.Reader.NON_PRINTABLE.search(text)  # libyaml counts in bytes
        place = _position(file, text, found.start() if found else 0)
        message = (
            f"character U+{ord(found[0]):04X} is not allowed in YAML" if found else f"YAML: {error.reason}"
        )
        builder.diagnostics.append(Diagnostic("SER108", message, place, help="take the character out"))
    if root is None:
        last = builder.diagnostics.pop()
        builder.diagnostics.append(replace(last, notes=(*last.notes, _HIDES)))
        start = Place(Origin.FILE, file, line=1, column=1, end_line=1, end_column=1)
        readable = sound_part(file, text, last.place.line or 1) if last.code == "SER101" else None
        root = replace(Node({}, start) if readable is None else readable, incomplete=True)
    package = package_line(text)
    return Document(
        file=file,
        root=root,
        package=package[1] if package is not None else None,
        diagnostics=tuple(builder.diagnostics),
        text=text,
        values=builder.nodes,
        levels=builder.levels,
    )


def _unreadable(
    file: str, what: str, line: int | None = None, column: int | None = None, fix: str | None = None
) -> Document:
    end = column + 1 if column else None
    place = Place(
        Origin.FILE, file, line=line or 1, column=column or 1, end_line=line or 1, end_column=end or 1
    )
    fault = Diagnostic("SER108", f"`{file}` {what}", place, help=fix)
    return Document(file=file, root=Node({}, place, incomplete=True), package=None, diagnostics=(fault,))


def _syntax_fault(file: str, text: str, error: yaml.MarkedYAMLError) -> Diagnostic:
    # of a key without its colon, and of open quotes, the problem is seen in a later line
    is_earlier = (error.context or "").endswith(_SEEN_LATE) and not (error.problem or "").endswith(
        "character"
    )
    mark = (
        (error.context_mark if is_earlier else error.problem_mark) or error.problem_mark or error.context_mark
    )
    unclosed = unclosed_bracket(text, error)
    mark = mark if unclosed is None else unclosed[1]
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    # Python also breaks lines at a form feed and its like, but YAML refuses those characters anyway
    lines = text.splitlines()
    source = lines[line - 1] if line <= len(lines) else ""
    problem = (error.problem or "cannot be read as YAML").replace("any token", "a value")
    fix = None
    if source[:column].lstrip(" ").startswith("\t") or (column <= len(source) and source[column - 1] == "\t"):
        problem, fix = "a tab is used for indentation", "indent with spaces"
    place = Place(Origin.FILE, file, line=line, column=column, end_line=line, end_column=column + 1)
    if is_too_deep(error):
        return too_deep(place)
    context = error.context or ""
    if unclosed is not None:
        problem = f"the `{unclosed[0]}` is not closed"
        context = f"while parsing a flow {'sequence' if unclosed[0] == '[' else 'mapping'}"
    fix = fix or _in_quotes(source) or _cure(problem, context)
    return Diagnostic("SER101", f"YAML syntax: {problem}", place, help=fix)


_SEEN_LATE: Final = ("a simple key", "a quoted scalar")

_CURES: Final = (
    (
        "while parsing a flow sequence",
        "close the list with `]`, or put a text that begins with `[` in quotes",
    ),
    (
        "while parsing a flow mapping",
        "close the mapping with `}`, or put a text that begins with `{` in quotes",
    ),
    ("while scanning a quoted scalar", "close the quotes; within '…' a quote is written twice"),
    ("while scanning a double-quoted scalar", 'close the quotes; within "…" a backslash is written twice'),
    (
        "mapping values are not allowed",
        "indent the key as those beside it, or put a text that holds `: ` in quotes",
    ),
    ("could not find expected ':'", "write `key: value`, with a space behind the colon"),
    ("while parsing a block", "indent it as what stands beside it; an item of a list begins with `- `"),
    ("unknown escape character", "put the text in '…', where a backslash is only that"),
)


def _cure(problem: str, context: str) -> str:
    """How to repair a syntax error, chosen by the words of libyaml's message."""
    said = f"{context} {problem}"
    return next(
        (cure for words, cure in _CURES if words in said),
        "write `key: value` on a line each, indented alike; put text with other signs in quotes",
    )


def _in_quotes(line: str) -> str | None:
    """How to write a line whose value should be text but begins with, or holds, one of YAML's own signs."""
    found = _PLAIN_VALUE.match(line)
    if found is None:
        return None
    value = found["value"].rstrip()
    if value[0] in "{[":
        is_text = _JOINED.search(value) is not None
    else:
        is_text = value[0] in "@%`*&!" or (value[0] not in "\"'" and (": " in value or value.endswith(":")))
    return f"put the value in quotes: `{found['key']} '{value}'`" if is_text and "'" not in value else None


def _position(file: str, text: str, offset: int) -> Place:
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return Place(Origin.FILE, file, line=line, column=column, end_line=line, end_column=column + 1)


def package_line(text: str) -> tuple[int, str] | None:
    """The package directive and its line, read as Hydra reads it: only above the first line that is no `# @…` comment."""
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped:
            continue
        match = re.match(r"^#\s*@(\S+)\s+(\S+)\s*$", stripped)
        if not match:
            break
        if match[1] == "package":
            return number, match[2]
    return None
