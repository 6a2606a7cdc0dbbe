"""Answer a shell that asks for completions, from stored indexes.

Importing the compiler takes longer than a completion may, so what it knows of the commands and of a project's
keys is stored in indexes, which are read here with the standard library alone. An index that is out of date
is made again; only that answer is slow.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serotiny.cli.completion import VARIABLE
from serotiny.cli.completion.cache import command_index, config_index

_OPERATIONS = ("train", "test", "predict")
_OPEN = ("=", ".", "/")


@dataclass(frozen=True)
class Candidate:
    """A completion; `kind` is `plain`, `open` (more follows, so no space) or `file` (ask the shell)."""

    value: str
    help: str = ""
    kind: str = "plain"


_SPECIAL = re.compile(r"[^\w./:=,+~@%^-]", re.ASCII)
"""Characters that bash may interpret, and that are escaped for it."""

_FILES = Candidate("", "", "file")


def answer(arguments: Sequence[str]) -> int:
    """Print the completions that a shell asks for, one a line: kind, value and help, separated by tabs."""
    shell = os.environ[VARIABLE]
    words = _split_line(arguments[0]) if shell == "bash" and arguments else list(arguments)
    current = words.pop() if words else ""
    cut = _cut(current, os.environ.get("SEROTINY_WORDBREAKS", "")) if shell == "bash" else 0
    lines: list[str] = []
    for candidate in completions(words, current):
        if not candidate.value.isprintable():
            continue  # a control character would break the line
        text = "".join(letter if letter.isprintable() else " " for letter in candidate.help[:100])
        value = candidate.value[cut:]
        if shell == "bash":  # the other shells escape completions themselves
            value = _SPECIAL.sub(r"\\\g<0>", value)
        lines.append(f"{candidate.kind}\t{value}\t{text}".rstrip("\t"))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
    return 0


def _split_line(line: str) -> list[str]:
    """The words after the command's name, without quotes; the last one may be half-written or empty."""
    words: list[str] = [""]
    quote: str | None = None
    for character in line:
        if quote is not None:
            if character == quote:
                quote = None
            else:
                words[-1] += character
        elif character in "'\"":
            quote = character
        elif character.isspace():
            if words[-1]:
                words.append("")
        else:
            words[-1] += character
    return words[1:]


def _cut(current: str, breaks: str) -> int:
    """The length of the part of the word that readline does not replace: up to its last word break."""
    return max((current.rfind(character) + 1 for character in breaks if not character.isspace()), default=0)


def completions(words: Sequence[str], current: str) -> list[Candidate]:
    """The completions of `current` after `words` (without the program's name)."""
    call = _Call(command_index(), list(words))
    return [
        found for found in call.candidates(current) if found.kind == "file" or found.value.startswith(current)
    ]


class _Call:
    """The words before the cursor, parsed.

    Attributes:
        path: the names of the command and its subcommand.
        node: the index of that command.
        given: its arguments so far.
        options: the values of its options so far.
        waiting: the option whose value comes next, if the last word was one that takes a value.
    """

    def __init__(self, commands: dict[str, Any], words: list[str]) -> None:
        self.path: list[str] = []
        self.node = commands
        self.given: list[str] = []
        self.options: dict[str, str] = {}
        self.waiting: dict[str, Any] | None = None
        for word in words:
            self._take(word)

    def _take(self, word: str) -> None:
        if self.waiting is not None:
            self.options[self.waiting["names"][-1]] = word
            self.waiting = None
        elif word.startswith("-"):
            name, equals, value = word.partition("=")
            option = self._option(name)
            if option is not None and option["takes_value"]:
                if equals:
                    self.options[option["names"][-1]] = value
                else:
                    self.waiting = option
        elif word in self.node["commands"]:
            self.path.append(word)
            self.node = self.node["commands"][word]
        else:
            self.given.append(word)

    def _option(self, name: str) -> dict[str, Any] | None:
        return next((option for option in self.node["options"] if name in option["names"]), None)

    def candidates(self, current: str) -> Iterable[Candidate]:
        if self.waiting is not None:
            return _values(self.waiting, "")
        if current.startswith("-"):
            return self._flags(current)
        if self.node["commands"]:
            return [Candidate(name, node["help"]) for name, node in self.node["commands"].items()]
        return self._arguments(current)

    def _flags(self, current: str) -> Iterable[Candidate]:
        name, equals, _ = current.partition("=")
        option = self._option(name)
        if equals and option is not None:
            return _values(option, f"{name}=")
        return [
            Candidate(name, option["help"])
            for option in self.node["options"]
            for name in option["names"]
            if name.startswith("--") or current == "-"
        ]

    def _arguments(self, current: str) -> Iterable[Candidate]:
        match self.path:
            case [operation] if operation in _OPERATIONS:
                return self._overrides(operation, self.given, current)
            case ["check", "config"] | ["compile"]:
                if not self.given:
                    return [Candidate(operation) for operation in _OPERATIONS]
                return self._overrides(self.given[0], self.given[1:], current)
            case ["explain"]:
                return self._explained(current)
            case ["diff"]:
                return [*(Candidate(operation) for operation in _OPERATIONS), _FILES]
            case _:
                return [Candidate(choice) for choice in self.node["choices"]] or [_FILES]

    def _overrides(self, operation: str, given: Sequence[str], current: str) -> Iterator[Candidate]:
        index = self._index(operation, given)
        return override_candidates(index, current) if index is not None else iter(())

    def _explained(self, current: str) -> Iterator[Candidate]:
        operations = [word for word in self.given if word in _OPERATIONS]
        operation = operations[0] if operations else "train"
        overrides = [word for word in self.given if "=" in word or word.startswith("~")]
        if not self.given:
            index = self._index(operation, overrides)
            if index is not None:
                yield from _key_candidates(index, current, "", "", wanted=None)
            for code, name in self.node["codes"].items():
                yield Candidate(code, name)
        if not operations:
            yield from (Candidate(name) for name in _OPERATIONS)
        if self.given:
            yield from self._overrides(operation, overrides, current)

    def _index(self, operation: str, overrides: Sequence[str]) -> dict[str, Any] | None:
        folder = self.options.get("--config-dir")
        return config_index(Path.cwd(), Path(folder) if folder else None, operation, tuple(overrides))


def _values(option: dict[str, Any], prefix: str) -> list[Candidate]:
    if option["choices"]:
        return [Candidate(f"{prefix}{choice}") for choice in option["choices"]]
    return [_FILES]


def override_candidates(index: dict[str, Any], current: str) -> Iterator[Candidate]:
    """Groups, options, keys and values in Hydra's override grammar."""
    sign = current[: len(current) - len(current.lstrip("+~"))]
    body = current[len(sign) :]
    key, equals, value = body.partition("=")
    if equals:
        done = value[: value.rfind(",") + 1]  # the values of a sweep that are complete
        group = index["groups"].get(key)
        row = index["keys"].get(key)
        choices = group["options"] if group is not None else row["choices"] if row is not None else ()
        yield from (Candidate(f"{sign}{key}={done}{choice}") for choice in choices)
        return
    for name, group in index["groups"].items():
        if group["is_chosen"] == (sign != "+"):
            end = "" if sign == "~" else "="
            yield Candidate(f"{sign}{name}{end}", "config group", "open" if end else "plain")
    wanted = {"": True, "~": True, "+": False}.get(sign)
    yield from _key_candidates(index, body, sign=sign, end="" if sign == "~" else "=", wanted=wanted)


def _key_candidates(
    index: dict[str, Any], body: str, sign: str, end: str, wanted: bool | None
) -> Iterator[Candidate]:
    """The next step of each key that starts with `body`: `model.` before `model.optimizer.lr=`."""
    seen: set[str] = set()
    for key, row in index["keys"].items():
        if not key.startswith(body) or (wanted is not None and row["is_set"] is not wanted):
            continue
        next_dot = key.find(".", len(body))
        is_inner = next_dot >= 0
        shown = key[: next_dot + 1] if is_inner else key if row["is_mapping"] else f"{key}{end}"
        if shown in seen or (row["is_mapping"] and not is_inner and end):
            continue
        seen.add(shown)
        kind = "open" if shown.endswith(_OPEN) else "plain"
        yield Candidate(f"{sign}{shown}", "" if is_inner else row["help"], kind)
