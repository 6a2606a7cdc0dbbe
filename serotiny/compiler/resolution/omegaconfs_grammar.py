"""Interpolations in OmegaConf's grammar; the only module that uses its parser, and imports OmegaConf to do so."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from antlr4 import ParserRuleContext  # type: ignore[import-untyped]  # no stubs
from antlr4.error.Errors import RecognitionException  # type: ignore[import-untyped]  # no stubs
from omegaconf.errors import GrammarParseError, OmegaConfBaseException
from omegaconf.grammar_parser import parse
from omegaconf.grammar_visitor import GrammarVisitor

from serotiny.compiler.resolution.lookups import BadInterpolation, Lookups


def evaluate(text: str, lookups: Lookups) -> Any:
    """As `Interpreter.evaluate`."""
    with _as_bad_interpolation():
        tree = _value_tree(text)
        is_one = text.count("${") == 1 and tree.getChild(0).getChildCount() == 1
        read = (lambda value: value) if is_one else lookups.plain
        return _visitor(lookups, read).visit(tree)


def decode(text: str, lookups: Lookups) -> Any:
    """As `Interpreter.decode`."""
    with _as_bad_interpolation():
        tree = parse(text, parser_rule="singleElement", lexer_mode="VALUE_MODE")
        return _visitor(lookups, lookups.plain).visit(tree)


def refuse_unreadable(text: str) -> None:
    """Parse a text with interpolations, whatever they stand for.

    Raises:
        BadInterpolation: it cannot be parsed.
    """
    with _as_bad_interpolation():
        _value_tree(text)


def _visitor(lookups: Lookups, read: Callable[[Any], Any]) -> GrammarVisitor:
    return GrammarVisitor(
        node_interpolation_callback=lambda key, _memo: read(lookups.key(key)),
        resolver_interpolation_callback=lambda name, args, args_str: read(lookups.resolver(name, args)),  # noqa: ARG005  # passed by name
        memo=None,
    )


@lru_cache(maxsize=1024)
def _value_tree(text: str) -> ParserRuleContext:
    """The parse tree of a text, kept: visiting does not change it, and the jobs of a sweep share most texts."""
    return parse(text, parser_rule="configValue", lexer_mode="DEFAULT_MODE")


@contextmanager
def _as_bad_interpolation() -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # of forms that OmegaConf will read no more: the job itself says so
            yield
    except GrammarParseError as error:
        raise BadInterpolation(str(error).splitlines()[0]) from error
    except (OmegaConfBaseException, RecognitionException, AssertionError, ValueError) as error:
        raise BadInterpolation(str(error).splitlines()[0] if str(error) else "cannot be parsed") from error
