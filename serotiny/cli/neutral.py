"""Neutralise output: text from configs, names or servers cannot control a terminal or forge a command in a CI log."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO

from serotiny.credentials.detection import mask_source
from serotiny.report.terminal import is_hidden

_PLAIN: Final = re.compile(r"[\x20-\x7e\n\t]*")
_NOT_PLAIN: Final = re.compile(r"[^\x20-\x7e\n\t]")
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]{0,12}m")
# https://docs.github.com/actions/reference/workflow-commands; spaces before it do not matter there
_COMMAND: Final = re.compile(r"^([ \t]*):(?=:)|#(?=#\[)", re.MULTILINE)


def neutral(text: str, *, keep_commands: bool = False) -> str:
    """The text with its invisible characters, except line breaks, tabs and colours, escaped as in JSON.

    Args:
        text: what is printed.
        keep_commands: leave workflow commands of GitHub: the text is our own report in that form.
    """
    if not keep_commands:
        text = _COMMAND.sub(lambda found: f"{found[1] or ''}\\u{ord(found[0][-1]):04x}", text)
    if _PLAIN.fullmatch(text):
        return text
    parts = _COLOUR.split(text)
    colours = [*_COLOUR.findall(text), ""]
    return "".join(_without_hidden(part) + colour for part, colour in zip(parts, colours, strict=True))


def _without_hidden(text: str) -> str:
    return _NOT_PLAIN.sub(lambda found: _escaped(found[0]) if is_hidden(found[0]) else found[0], text)


def _escaped(character: str) -> str:
    r"""The escape of JSON: `\uXXXX`, or two of them (a surrogate pair) beyond U+FFFF."""
    code = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{code[at : at + 4]}" for at in range(0, len(code), 4))


def error_line(message: str) -> str:
    """The line of an error, with its credentials masked."""
    masked = "\n".join(mask_source(line).text for line in message.split("\n"))
    return neutral(f"error: {masked}")


class _Neutral:
    """A stream that neutralises what is written to it."""

    def __init__(self, stream: TextIO, keep_commands: bool) -> None:
        self._stream = stream
        self._keep_commands = keep_commands

    def write(self, text: str) -> int:
        self._stream.write(neutral(text, keep_commands=self._keep_commands))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def neutral_streams(*, keep_commands: bool) -> Iterator[None]:
    """Neutralise stdout and stderr meanwhile; not for jobs, whose own code may print anything."""
    before = sys.stdout, sys.stderr
    out: Any = _Neutral(sys.stdout, keep_commands)
    err: Any = _Neutral(sys.stderr, keep_commands=False)
    sys.stdout, sys.stderr = out, err
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
