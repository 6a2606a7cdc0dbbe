"""What comes from a config, a name or a server can neither steer a terminal nor forge a command of a CI log."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO

from serotiny.credentials.detection import mask_source
from serotiny.report.terminal import is_hidden

_PLAIN: Final = re.compile(r"[\x20-\x7e\n\t]*")
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]{0,12}m")
# https://docs.github.com/actions/reference/workflow-commands; spaces before it do not matter there
_COMMAND: Final = re.compile(r"^([ \t]*):(?=:)|#(?=#\[)", re.MULTILINE)


def neutral(text: str, *, keep_commands: bool = False) -> str:
    """A text whose lines and colours alone are left of what is not seen; the rest is spelt out, as JSON spells it.

    Args:
        text: what is printed.
        keep_commands: the lines are commands of GitHub's own, made by us.
    """
    if not keep_commands:
        text = _COMMAND.sub(lambda found: f"{found[1] or ''}\\u{ord(found[0][-1]):04x}", text)
    if _PLAIN.fullmatch(text):
        return text
    parts = _COLOUR.split(text)
    colours = [*_COLOUR.findall(text), ""]
    return "".join(_spelt_out(part) + colour for part, colour in zip(parts, colours, strict=True))


def _spelt_out(text: str) -> str:
    return "".join(
        _escaped(character) if is_hidden(character) and character not in "\n\t" else character
        for character in text
    )


def _escaped(character: str) -> str:
    """As JSON spells it: in two halves where its number has more than four digits."""
    code = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{code[at : at + 4]}" for at in range(0, len(code), 4))


def error_line(message: str) -> str:
    """The line that tells of an error."""
    masked = "\n".join(mask_source(line).text for line in message.split("\n"))
    return neutral(f"error: {masked}")


class _Neutral:
    """A stream that writes neutral text alone."""

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
    """Print neutral text alone; not for a job, whose own code prints what it likes."""
    before = sys.stdout, sys.stderr
    out: Any = _Neutral(sys.stdout, keep_commands)
    err: Any = _Neutral(sys.stderr, keep_commands=False)
    sys.stdout, sys.stderr = out, err
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
