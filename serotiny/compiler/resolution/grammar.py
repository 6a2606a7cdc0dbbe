"""What an interpolation means. Every use of OmegaConf's grammar, in one place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from antlr4 import ParserRuleContext  # type: ignore[import-untyped]
from antlr4.error.Errors import RecognitionException  # type: ignore[import-untyped]
from omegaconf.errors import GrammarParseError, OmegaConfBaseException
from omegaconf.grammar_parser import parse
from omegaconf.grammar_visitor import GrammarVisitor

from serotiny.compiler.limits import MAX_INTERPOLATION_DEPTH, MAX_INTERPOLATION_LENGTH

_KEY = r"\$\{([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\}"
_PLAIN = re.compile(_KEY, re.ASCII)
_TEXT = re.compile(rf"(?:[^\\$]|{_KEY})+", re.ASCII)
"""Literal text, without escapes, around interpolations of keys."""


class BadInterpolation(Exception):  # noqa: N818 - a value that travels by raise, not an error of ours
    """The text is not in OmegaConf's grammar, or its parts do not fit together."""


@dataclass(frozen=True)
class Interpreter:
    """How to get what an interpolation names.

    Attributes:
        key: gives the value under a dotted path (with leading dots when relative).
        resolver: gives what a resolver returns, from its name and its evaluated arguments.
        plain: turns what these give into plain data, for use in a longer text or another interpolation.
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
        _refuse_endless(text)
        with _as_bad_interpolation():
            tree = _value_tree(text)
            is_one = text.count("${") == 1 and tree.getChild(0).getChildCount() == 1
            return self._visitor((lambda value: value) if is_one else self.plain).visit(tree)

    def decode(self, text: str) -> Any:
        """What `oc.decode` makes of a text: one element of the grammar."""
        _refuse_endless(text)
        with _as_bad_interpolation():
            tree = parse(text, parser_rule="singleElement", lexer_mode="VALUE_MODE")
            return self._visitor(self.plain).visit(tree)

    def _visitor(self, read: Callable[[Any], Any]) -> GrammarVisitor:
        return GrammarVisitor(
            node_interpolation_callback=lambda key, _memo: read(self.key(key)),
            resolver_interpolation_callback=lambda name, args, args_str: read(self.resolver(name, args)),  # noqa: ARG005
            memo=None,
        )


@lru_cache(maxsize=1024)
def _value_tree(text: str) -> ParserRuleContext:
    """The text parsed, which visiting does not change; the jobs of a sweep have most of their texts in common."""
    return parse(text, parser_rule="configValue", lexer_mode="DEFAULT_MODE")


_BRACKET: Final = re.compile(r"[\[\]{}]")


def _refuse_endless(text: str) -> None:
    """The grammar's time grows with the length of a text, and far more with what is nested in it."""
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


def needs_grammar(text: str) -> bool:
    """Whether OmegaConf's grammar has to read a text: there is more in it than keys."""
    return _TEXT.fullmatch(text) is None


def said_of_bad(text: str, is_open: bool, reason: str) -> tuple[str, str]:
    """What is wrong with a text that OmegaConf's grammar refuses with `reason`, and what to do about it.

    `is_open`: it has more braces that open than close.
    """
    if is_open:
        return f"`{text}` is not an interpolation: a brace is left open", _CLOSE
    by_parser = any(
        word in reason for word in ("viable alternative", "token recognition", "mismatched", "extraneous")
    )
    return f"`{text}` is not an interpolation" + ("" if by_parser else f": {reason}"), _FORMS


_CLOSE = "close it with `}`; where `${` is meant as text write `\\${`"
_FORMS = (
    "write `${key}`, `${group.key}`, `${.beside}` or `${resolver:argument}`, arguments with other signs in quotes; "
    "where `${` is meant as text write `\\${`"
)


def is_interpolated(value: Any) -> bool:
    """Whether OmegaConf would take a value for an interpolation."""
    return isinstance(value, str) and "${" in value
