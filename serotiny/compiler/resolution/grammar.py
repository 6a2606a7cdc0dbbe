"""Parse and evaluate interpolations, most of them without OmegaConf's grammar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from serotiny.compiler.limits import MAX_INTERPOLATION_DEPTH, MAX_INTERPOLATION_LENGTH
from serotiny.compiler.resolution.lookups import BadInterpolation, Lookups
from serotiny.compiler.syntax.words import ID, UNQUOTED, item, items, value_of

_STEP = r"[\w-]+"
_KEY = rf"\.*{_STEP}(?:\.{_STEP})*"
_ITEM = item(UNQUOTED, r"\\$")
_CALL = rf"{ID}(?:\.{ID})*:(?:{items(_ITEM)})?"
_SIMPLE = re.compile(rf"\$\{{(?:(?P<key>{_KEY})|(?P<call>{_CALL}))\}}", re.ASCII)
_TEXT = re.compile(rf"(?:[^\\$]|\$\{{(?:{_KEY}|{_CALL})\}})+", re.ASCII)
"""Literal text, without escapes, around interpolations of keys, and of resolvers with plain arguments."""

_EACH_ITEM = re.compile(_ITEM, re.ASCII)


@dataclass(frozen=True)
class Interpreter(Lookups):
    """Evaluates texts by what their interpolations stand for."""

    def evaluate(self, text: str) -> Any:
        """The value of a text with interpolations, as OmegaConf would give it.

        Where the text is one interpolation and nothing else, that is what `key` or `resolver` gave.

        Raises:
            BadInterpolation: it cannot be parsed.
        """
        if not needs_grammar(text):
            found = _SIMPLE.fullmatch(text)
            if found is not None:
                return self._simple(found)
            return _SIMPLE.sub(lambda found: str(self.plain(self._simple(found))), text)
        _refuse_too_long(text)
        # imports OmegaConf, which takes as long as a check of a small project
        from serotiny.compiler.resolution import omegaconfs_grammar

        return omegaconfs_grammar.evaluate(text, self)

    def _simple(self, found: re.Match[str]) -> Any:
        if found["key"] is not None:
            return self.key(found["key"])
        name, _, arguments = found["call"].partition(":")
        try:
            values = tuple(map(value_of, _EACH_ITEM.findall(arguments)))
        except ValueError as error:  # an integer that is too long for Python
            raise BadInterpolation(str(error)) from error
        return self.resolver(name, values)

    def decode(self, text: str) -> Any:
        """What `oc.decode` makes of a text: one element of the grammar."""
        _refuse_too_long(text)
        # see `evaluate`
        from serotiny.compiler.resolution import omegaconfs_grammar

        return omegaconfs_grammar.decode(text, self)


_BRACKET: Final = re.compile(r"[\[\]{}]")


def _refuse_too_long(text: str) -> None:
    """Bound the time of parsing, which grows with the length of a text and far more with its nesting.

    Raises:
        BadInterpolation: the text is too long or nested too deeply.
    """
    if len(text) > MAX_INTERPOLATION_LENGTH:
        raise BadInterpolation(f"it is longer than {MAX_INTERPOLATION_LENGTH:,} characters")
    depth = 0
    for found in _BRACKET.finditer(text):
        depth += 1 if found[0] in "[{" else -1
        if depth > MAX_INTERPOLATION_DEPTH:
            raise BadInterpolation(f"it is nested deeper than {MAX_INTERPOLATION_DEPTH} levels")


def refuse_unreadable(text: str) -> None:
    """Read a text with interpolations, whatever they stand for.

    Raises:
        BadInterpolation: it cannot be parsed.
    """
    if needs_grammar(text):
        _refuse_too_long(text)
        # see `evaluate`
        from serotiny.compiler.resolution import omegaconfs_grammar

        omegaconfs_grammar.refuse_unreadable(text)


def needs_grammar(text: str) -> bool:
    """Whether only OmegaConf's grammar can read a text, which takes a millisecond, and longer to import."""
    return _TEXT.fullmatch(text) is None


def may_call(text: str) -> bool:
    """Whether a text may call resolvers; otherwise it only refers to keys."""
    return needs_grammar(text) or any(found["call"] is not None for found in _SIMPLE.finditer(text))


def is_interpolated(value: Any) -> bool:
    """Whether OmegaConf would evaluate a value as an interpolation."""
    return isinstance(value, str) and "${" in value
