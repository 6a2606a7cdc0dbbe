"""Edit JSON with comments, such as VS Code's settings; all text but the edited member stays as it is."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

_SPACE: Final = re.compile(r"(?:[ \t\r\n\f\v\ufeff]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_SAME_LINE: Final = re.compile(r"(?:[ \t]+|/\*[^\n]*?\*/)*(?://[^\n\r]*)?")
_SCALAR: Final = re.compile(r"true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_STRING: Final = re.compile(r'"(?:[^"\\\n\r]|\\.)*"')
_UNIT: Final = "    "
_DEEPEST: Final = 200


class JsoncError(ValueError):
    """The text is no JSON with comments."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value and its span in the text.

    Attributes:
        data: the value itself.
        start, end: its span in the text.
        members: for an object, each key, the offset of the key, and its value.
    """

    data: Any
    start: int
    end: int
    members: tuple[tuple[str, int, Value], ...] = field(default=())

    def member(self, key: str) -> Value | None:
        """The value of a key; of a repeated one the last, which is the one that counts."""
        return next((value for name, _, value in reversed(self.members) if name == key), None)


def parse(text: str) -> Value:
    """Read JSON with `//` and `/* */` comments and trailing commas.

    Raises:
        JsoncError: it is not that; the message says at which line.
    """
    reader = _Reader(text)
    value = reader.value(reader.skip(0), 0)
    if reader.skip(value.end) != len(text):
        raise reader.error("more text after the end", reader.skip(value.end))
    return value


def with_member(text: str, keys: tuple[str, ...], data: Any) -> str:
    """The text with the member at a path of keys set; missing objects on the path are added.

    Raises:
        JsoncError: the text is malformed, or a value on the path is not an object.
    """
    if not text.strip(" \t\r\n\ufeff"):
        return with_member("{\n}\n", keys, data)
    newline = "\r\n" if "\r\n" in text else "\n"
    at = parse(text)
    for depth, key in enumerate(keys):
        if not isinstance(at.data, dict):
            raise JsoncError(f"`{'.'.join(keys[:depth]) or 'the whole'}` is no object")
        inner = at.member(key)
        if inner is None:
            for missing in reversed(keys[depth + 1 :]):
                data = {missing: data}
            return _inserted(text, at, key=key, data=data, newline=newline)
        at = inner
    if at.data == data and type(at.data) is type(data):
        return text
    indent = _indent_of_line(text, at.start)
    return text[: at.start] + _written(data, indent, newline) + text[at.end :]


def _inserted(text: str, parent: Value, key: str, data: Any, newline: str) -> str:
    if not parent.members:
        outer = _indent_of_line(text, parent.start)
        entry = f"{json.dumps(key)}: {_written(data, outer + _UNIT, newline)}"
        inside = text[parent.start + 1 : parent.end - 1].rstrip(" \t\r\n")
        head = text[: parent.start + 1] + inside
        return f"{head}{newline}{outer}{_UNIT}{entry}{newline}{outer}" + text[parent.end - 1 :]
    _, start, last = parent.members[-1]
    after = _SPACE.match(text, last.end)
    assert after is not None
    has_comma = text[after.end()] == ","
    comma_end = after.end() + 1 if has_comma else last.end
    head = text[:comma_end] + ("" if has_comma else ",")
    line_start = text.rfind("\n", 0, start) + 1
    indent = text[line_start:start]
    if indent.strip(" \t\ufeff"):
        # all on one line
        return f"{head} {json.dumps(key)}: {_written(data, '', newline)}{text[comma_end:]}"
    # a comment behind the last member stays with it
    rest = _SAME_LINE.match(text, comma_end)
    assert rest is not None
    entry = f"{newline}{indent}{json.dumps(key)}: {_written(data, indent, newline)}"
    return f"{head}{rest[0]}{entry}{text[rest.end() :]}"


def _written(data: Any, indent: str, newline: str) -> str:
    lines = json.dumps(data, indent=_UNIT, ensure_ascii=False).split("\n")
    return f"{newline}{indent}".join(lines)


def _indent_of_line(text: str, position: int) -> str:
    line_start = text.rfind("\n", 0, position) + 1
    indent = re.compile(r"[ \t]*").match(text, line_start)
    assert indent is not None
    return indent[0]


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text

    def error(self, what: str, position: int) -> JsoncError:
        return JsoncError(f"line {self._text.count(chr(10), 0, position) + 1}: {what}")

    def skip(self, position: int) -> int:
        """The offset after white space and comments."""
        found = _SPACE.match(self._text, position)
        assert found is not None
        return found.end()

    def value(self, position: int, depth: int) -> Value:
        if depth > _DEEPEST:
            raise self.error("nested too deep", position)
        match self._text[position : position + 1]:
            case "{":
                return self._object(position, depth)
            case "[":
                return self._array(position, depth)
            case '"':
                return self._string(position)
            case _:
                found = _SCALAR.match(self._text, position)
                if found is None:
                    raise self.error("a value is expected", position)
                return Value(self._scalar(found[0], position), position, found.end())

    def _scalar(self, text: str, position: int) -> Any:
        try:
            return json.loads(text)
        except ValueError as error:  # more digits than Python reads
            raise self.error("a number is too long", position) from error

    def _string(self, position: int) -> Value:
        found = _STRING.match(self._text, position)
        if found is None:
            raise self.error("a string is expected", position)
        try:
            return Value(json.loads(found[0], strict=False), position, found.end())
        except ValueError as error:
            raise self.error("a string is malformed", position) from error

    def _object(self, start: int, depth: int) -> Value:
        members: list[tuple[str, int, Value]] = []
        position = self.skip(start + 1)
        while self._text[position : position + 1] != "}":
            key = self._string(position)
            colon = self.skip(key.end)
            if self._text[colon : colon + 1] != ":":
                raise self.error("`:` is expected", colon)
            value = self.value(self.skip(colon + 1), depth + 1)
            members.append((key.data, key.start, value))
            position = self._next(value.end, "}")
        data = {key: value.data for key, _, value in members}
        return Value(data, start, position + 1, tuple(members))

    def _array(self, start: int, depth: int) -> Value:
        items: list[Any] = []
        position = self.skip(start + 1)
        while self._text[position : position + 1] != "]":
            item = self.value(position, depth + 1)
            items.append(item.data)
            position = self._next(item.end, "]")
        return Value(items, start, position + 1)

    def _next(self, position: int, closing: str) -> int:
        """The offset of the next item or of the closing bracket."""
        position = self.skip(position)
        here = self._text[position : position + 1]
        if here == ",":
            return self.skip(position + 1)
        if here != closing:
            raise self.error(f"`,` or `{closing}` is expected", position)
        return position
