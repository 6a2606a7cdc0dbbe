"""The keys that the interpolations of a text name, with their spans in it.

They are found by patterns, not by evaluation, so that an editor or an explanation has them also in a text
that cannot be evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from serotiny.compiler.tree import Keys, join, split

LONGEST_CHAIN = 10
"""How many references to references are followed."""

_OPENING = re.compile(r"(?P<escape>\\*)\$\{\s*")
_KEY = re.compile(r"(?P<key>\.*[^\s.\[\]{}:$,'\"]+(?:\.[^\s.\[\]{}:$,'\"]+|\[[^\[\]{}$]+\])*)\s*\}")
_KEY_ARGUMENT = re.compile(
    r"(?:oc\.select|oc\.dict\.keys|oc\.dict\.values|oc\.deprecated)\s*:\s*['\"]?"
    r"(?P<key>\.*[\w-]+(?:\.[\w-]+|\[[\w-]+\])*)"
)
_ENVIRONMENT = re.compile(r"oc\.env\s*:\s*['\"]?(?P<name>[A-Za-z_]\w*)")
_STEP = re.compile(r"[^.\[\]]+")


@dataclass(frozen=True, slots=True)
class KeyReference:
    """One key in a text: `key` as written (with leading dots when relative), at `start:end`."""

    key: str
    start: int
    end: int

    def steps(self) -> tuple[tuple[str, int, int], ...]:
        """Each step of the key, with its span in the text."""
        return tuple(
            (match[0], self.start + match.start(), self.start + match.end())
            for match in _STEP.finditer(self.key)
        )


def key_references(text: str) -> tuple[KeyReference, ...]:
    """The keys that the interpolations of a text name, in order, nested ones included."""
    found: list[KeyReference] = []
    for start in _openings(text):
        match = _KEY.match(text, start) or _KEY_ARGUMENT.match(text, start)
        if match:
            found.append(KeyReference(match["key"], match.start("key"), match.end("key")))
    return tuple(found)


def reference_to(text: str, keys: Keys) -> Keys | None:
    """The path that a text at `keys` refers to, if it is one interpolation of a key and nothing else."""
    found = _KEY.fullmatch(text.strip(), 2) if text.startswith("${") else None
    return absolute_keys(found["key"], keys) if found is not None else None


def absolute_text(text: str, keys: Keys) -> str:
    """The text of the value at `keys` with the path from the root for each relative key in it."""
    for reference in reversed(key_references(text)):
        target = absolute_keys(reference.key, keys) if reference.key.startswith(".") else None
        if target:
            text = f"{text[: reference.start]}{join(target)}{text[reference.end :]}"
    return text


def environment_names(text: str) -> tuple[str, ...]:
    """The environment variables that a text's interpolations read."""
    return tuple(
        match["name"] for start in _openings(text) if (match := _ENVIRONMENT.match(text, start)) is not None
    )


def absolute_keys(key: str, keys: Keys) -> Keys | None:
    """The path that a reference in the value at `keys` names; None when it climbs above the root."""
    dots = len(key) - len(key.lstrip("."))
    if dots > len(keys):
        return None
    return (*keys[: len(keys) - dots], *split(key)) if dots else split(key)


def _openings(text: str) -> Iterator[int]:
    for match in _OPENING.finditer(text):
        if len(match["escape"]) % 2 == 0:
            yield match.end()
