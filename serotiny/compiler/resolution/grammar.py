"""Parse and evaluate interpolations; the only module that uses OmegaConf's grammar."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from antlr4 import ParserRuleContext  # type: ignore[import-untyped]  # no stubs
from antlr4.error.Errors import RecognitionException  # type: ignore[import-untyped]  # no stubs
from omegaconf.errors import GrammarParseError, OmegaConfBaseException
from omegaconf.grammar_parser import parse
from omegaconf.grammar_visitor import GrammarVisitor

from serotiny.compiler.limits import MAX_INTERPOLATION_DEPTH, MAX_INTERPOLATION_LENGTH

_KEY = r"\$\{([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\}"
_PLAIN = re.compile(_KEY, re.ASCII)
_TEXT = re.compile(rf"(?:[^\\$]|{_KEY})+", re.ASCII)
"""Literal text, without escapes, around interpolations of keys."""


class BadInterpolation(Exception):  # noqa: N818 - control flow, not an error of ours
    """The text is not in OmegaConf's grammar, or its parts do not fit together."""


@dataclass(frozen=True)
class Interpreter:
    """Evaluates texts by means of three callbacks.

    Attributes:
        key: the value under a dotted path (with leading dots when relative).
        resolver: what a resolver returns, from its name and its evaluated arguments.
        plain: the result of these as plain data, for use in a longer text or another interpolation.
    """

    key: Callable[[str], Any]
    resolver: Callable[[str, tuple[Any, ...]], Any]
    plain: Callable[[Any], Any]

    def evaluate(self, text: str) -> Any:
        """The value of a text with interpolations, as OmegaConf would give it.

        Where the text is one interpolation and nothing else, that is what `key` or `resolver` gave.

        Raises:
            BadInterpolation: it cannot be parsed.
        """
        plain = _PLAIN.fullmatch(text)
        if plain:  # most of them, and ANTLR costs a millisecond each
            return self.key(plain[1])
        if _TEXT.fullmatch(text):
            parts = _PLAIN.split(text)  # literal text and keys by turns
            parts[1::2] = [str(self.plain(self.key(key))) for key in parts[1::2]]
            return "".join(parts)
        _refuse_too_long(text)
        with _as_bad_interpolation():
            tree = _value_tree(text)
            is_one = text.count("${") == 1 and tree.getChild(0).getChildCount() == 1
            return self._visitor((lambda value: value) if is_one else self.plain).visit(tree)

    def decode(self, text: str) -> Any:
        """What `oc.decode` makes of a text: one element of the grammar."""
        _refuse_too_long(text)
        with _as_bad_interpolation():
            tree = parse(text, parser_rule="singleElement", lexer_mode="VALUE_MODE")
            return self._visitor(self.plain).visit(tree)

    def _visitor(self, read: Callable[[Any], Any]) -> GrammarVisitor:
        return GrammarVisitor(
            node_interpolation_callback=lambda key, _memo: read(self.key(key)),
            resolver_interpolation_callback=lambda name, args, args_str: read(self.resolver(name, args)),  # noqa: ARG005  # passed by name
            memo=None,
        )


@lru_cache(maxsize=1024)
def _value_tree(text: str) -> ParserRuleContext:
    """The parse tree of a text, kept: visiting does not change it, and the jobs of a sweep share most texts."""
    return parse(text, parser_rule="configValue", lexer_mode="DEFAULT_MODE")


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


@contextmanager
def _as_bad_interpolation() -> Iterator[None]:
    try:
        yield
    except GrammarParseError as error:
        raise BadInterpolation(str(error).splitlines()[0]) from error
    except (OmegaConfBaseException, RecognitionException, AssertionError, ValueError) as error:
        raise BadInterpolation(str(error).splitlines()[0] if str(error) else "cannot be parsed") from error


def refuse_unreadable(text: str) -> None:
    """Read a text with interpolations, whatever they stand for.

    Raises:
        BadInterpolation: it cannot be parsed.
    """
    if needs_grammar(text):
        _refuse_too_long(text)
        with _as_bad_interpolation():
            _value_tree(text)


def needs_grammar(text: str) -> bool:
    """Whether a text holds more than literal text and keys, so that OmegaConf's grammar has to read it."""
    return _TEXT.fullmatch(text) is None


def explain_bad(whole: str, reason: str) -> tuple[str, str]:
    """Message and help for a text that OmegaConf's grammar refuses with `reason`."""
    text = shortened(whole)
    if whole.count("${") > whole.count("}"):
        return f"`{text}` is not an interpolation: a brace is left open", _CLOSE
    by_parser = any(
        word in reason for word in ("viable alternative", "token recognition", "mismatched", "extraneous")
    )
    return f"`{text}` is not an interpolation" + ("" if by_parser else f": {reason}"), _FORMS


_SHOWN: Final = 200
"""Characters of a text that messages show."""
_CLOSE = "close it with `}`; where `${` is meant as text write `\\${`"
_FORMS = (
    "write `${key}`, `${group.key}`, `${.beside}` or `${resolver:argument}`, arguments with other signs in quotes; "
    "where `${` is meant as text write `\\${`"
)


def shortened(text: str) -> str:
    """The text, or as much of it as a message has room for."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def is_interpolated(value: Any) -> bool:
    """Whether OmegaConf would evaluate a value as an interpolation."""
    return isinstance(value, str) and "${" in value
