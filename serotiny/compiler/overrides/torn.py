"""An override that a shell has taken apart at spaces: around its `=`, in its brackets or its list, or in its text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from serotiny.compiler.hydra.errors import Rejected
from serotiny.compiler.hydra.grammar import parse_override
from serotiny.compiler.overrides.quoting import for_shell, is_key, quoted, reads, reads_as, span_in
from serotiny.diagnostics import Diagnostic

_MOST_PIECES: Final = 12
_WORD: Final = re.compile(r"[^=:~+][^=:]*")
_STEPS: Final = re.compile(r"[./@]")


@dataclass(frozen=True)
class Piece:
    """Arguments that belong together.

    Attributes:
        texts: one argument, or the pieces of one override.
        before: the sound override of a text that `texts`, which are words, may be the rest of.
    """

    texts: tuple[str, ...]
    before: str | None = None

    @property
    def is_torn(self) -> bool:
        """Whether a fault is certain, as `torn` tells it."""
        return len(self.texts) > 1 or self.before is not None


def pieces(texts: Sequence[str]) -> Iterator[Piece]:
    """The arguments in their order, each by itself or with the other pieces of its override."""
    index = 0
    while index < len(texts):
        words = _words(texts, index)
        count = words or _count(texts[index : index + _MOST_PIECES])
        yield Piece(tuple(texts[index : index + count]), texts[index - 1] if words else None)
        index += count


def torn(piece: Piece) -> Diagnostic:
    """SER106 for an override in several pieces."""
    first, whole = piece.texts[0], " ".join(piece.texts)
    place = span_in(first, 1, len(first) + 1)
    if piece.before is not None:
        fix = f"write `{_as_text(piece.before, piece.texts)}` for one text"
        if is_key(first) and len(piece.texts) < 3:
            value = piece.texts[1] if piece.texts[1:] else "VALUE"
            fix = f"{fix}, or `{for_shell(f'{first}={value}')}` for an override of its own"
        return Diagnostic("SER106", f"`{whole}` is not an override: it has no `=`", place, help=fix)
    if "=" in first.rstrip("="):
        message = f"the shell has taken `{whole}` apart at its spaces"
        return Diagnostic("SER106", message, place, help=f"write `{for_shell(whole)}`")
    key = first.rstrip("=")
    value = " ".join(piece.texts[1:]).removeprefix("=").strip()
    why = "spaces stand around its `=`" if "=" in whole else "a space stands for its `=`"
    message = f"`{whole}` is not an override: {why}"
    return Diagnostic("SER106", message, place, help=f"write `{for_shell(f'{key}={value}')}`")


def _words(texts: Sequence[str], index: int) -> int:
    """How many words from `index` on may be the rest of the text before them."""
    if not index or not _is_word(texts[index]) or not isinstance(_value(texts[index - 1]), str):
        return 0
    count = 1
    while count < _MOST_PIECES and index + count < len(texts) and _is_word(texts[index + count]):
        count += 1
    return count if _as_text(texts[index - 1], texts[index : index + count]) is not None else 0


def _is_word(text: str) -> bool:
    return _WORD.fullmatch(text) is not None and not (_STEPS.search(text) and is_key(text))


def _as_text(before: str, words: Sequence[str]) -> str | None:
    """The override `before` with `words` in its text, for a shell; None where no quoting makes it one."""
    whole = " ".join((before, *words))
    text = whole.partition("=")[2]
    return for_shell(whole) if reads_as(whole, text) else quoted(whole, text)


def _count(texts: Sequence[str]) -> int:
    first, *others = texts
    if not others:
        return 1
    if "=" in first.rstrip("="):
        return _in_brackets_or_list(texts)
    if not is_key(first.removesuffix("=")):
        return 1
    second, *rest = others
    if first.endswith("="):
        return 2 if _is_value(second) else 1
    if second == "=":
        return 3 if rest and _is_value(rest[0]) else 1
    return 2 if _is_value(second.removeprefix("=")) and not _deletes(first) else 1


def _in_brackets_or_list(texts: Sequence[str]) -> int:
    """How many pieces make an override whose value goes on behind a comma or within brackets; 1 where none do."""
    first, second, *_ = texts
    is_open = any(first.count(opened) > first.count(closed) for opened, closed in ("[]", "{}", "()"))
    if not (is_open or first.endswith(",") or second.startswith(",")):
        return 1
    for count in range(2, len(texts) + 1):
        if reads(texts[count - 1]):
            break
        if reads(" ".join(texts[:count])):
            return count
    return 1


def _value(text: str) -> Any:
    """The value of an override; None also for what is none."""
    try:
        return parse_override(text).value if "=" in text else None
    except Rejected:
        return None


def _is_value(text: str) -> bool:
    return bool(text) and "=" not in text and not _deletes(text)


def _deletes(text: str) -> bool:
    return text.startswith("~")
