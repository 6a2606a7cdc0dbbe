"""An override that a shell has taken apart, since spaces stand around its `=`, or for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from serotiny.compiler.overrides.quoting import for_shell, is_key, span_in
from serotiny.diagnostics import Diagnostic


def pieces(texts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The arguments in their order, each by itself or with the other pieces of its override."""
    index = 0
    while index < len(texts):
        count = _count(texts[index : index + 3])
        yield tuple(texts[index : index + count])
        index += count


def torn(found: tuple[str, ...]) -> Diagnostic:
    """SER106 for an override in several pieces."""
    first, whole = found[0], " ".join(found)
    key = first.rstrip("=")
    value = " ".join(found[1:]).removeprefix("=").strip()
    why = "spaces stand around its `=`" if "=" in whole else "a space stands for its `=`"
    message = f"`{whole}` is not an override: {why}"
    fix = f"write `{for_shell(f'{key}={value}')}`"
    return Diagnostic("SER106", message, span_in(first, 1, len(first) + 1), help=fix)


def _count(texts: Sequence[str]) -> int:
    first, *others = texts
    if not others or not is_key(first.removesuffix("=")):
        return 1
    second, *rest = others
    if first.endswith("="):
        return 2 if _is_value(second) else 1
    if second == "=":
        return 3 if rest and _is_value(rest[0]) else 1
    return 2 if _is_value(second.removeprefix("=")) and not _deletes(first) else 1


def _is_value(text: str) -> bool:
    return bool(text) and "=" not in text and not _deletes(text)


def _deletes(text: str) -> bool:
    return text.startswith("~")
