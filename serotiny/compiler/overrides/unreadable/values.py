"""What is wrong with the value of an argument."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from serotiny.compiler.overrides.quoting import for_shell, quoted, reads, span_in
from serotiny.compiler.overrides.unreadable.brackets import PAIRS, unbalanced
from serotiny.compiler.overrides.unreadable.fault import FORMS, not_an_override
from serotiny.compiler.overrides.unreadable.other_forms import other_form
from serotiny.compiler.overrides.unreadable.signs import QUOTED, first_quoted_only, stray_sign
from serotiny.compiler.syntax.other_forms import meant_reference
from serotiny.diagnostics import Diagnostic

_KEY_IN_QUOTES: Final = re.compile(r"[{,]\s*(?:'[^']*'|\"[^\"]*\")\s*:")
_FURTHER: Final = re.compile(r"([\w./:-]+)[\s,;]+([+~]*[a-z_][\w./@]*=\S+)", re.ASCII)
"""A value with another override behind it."""


@dataclass(frozen=True)
class _Argument:
    """An argument that cannot be read, though its key can."""

    text: str
    key: str
    value: str

    @property
    def start(self) -> int:
        """The column of its value, counted from 1."""
        return len(self.key) + 2

    def fault(self, why: str, fix: str, span: tuple[int, int] | None = None) -> Diagnostic:
        """SER106 at a span, which is that of the whole value if none is given."""
        return not_an_override(self.text, why, span or (self.start, max(len(self.text), self.start) + 1), fix)

    @property
    def as_text(self) -> str | None:
        """The argument with its value as one text; None where no quotes help, or it looks like more than a text."""
        in_brackets = self.value[:1] in PAIRS and self.value.endswith(PAIRS[self.value[0]])
        return None if in_brackets or "${" in self.value else quoted(self.text, self.value)


def bad_value(text: str, key: str, value: str) -> Diagnostic:
    """SER106 for an argument whose value Hydra's grammar refuses, at the character where that is known."""
    argument = _Argument(text, key, value)
    found = (cause(argument) for cause in _CAUSES)
    return next((fault for fault in found if fault is not None), None) or _unknown(argument)


def _bracket(argument: _Argument) -> Diagnostic | None:
    return unbalanced(argument.text, argument.value, argument.start)


def _quotes(argument: _Argument) -> Diagnostic | None:
    value, start = argument.value, argument.start
    if not value.startswith(("'", '"')):
        return None
    if not re.search("['\"]", QUOTED.sub("", value)):
        stray = stray_sign(argument.text, argument.key, value)
        if stray is not None:
            return stray
    fix = f"close the quotes: `{value[0]}` stands at both ends of a text, and is written `\\{value[0]}` in it"
    return argument.fault(f"its quotes ({value[0]}) do not match", fix, (start, start + 1))


def _open_interpolation(argument: _Argument) -> Diagnostic | None:
    if argument.value.count("${") <= argument.value.count("}"):
        return None
    at = argument.start + argument.value.rindex("${")
    return argument.fault("`${` is not closed", "close it with `}`", (at, at + 2))


def _other_reference(argument: _Argument) -> Diagnostic | None:
    reference = meant_reference(argument.value)
    if reference is None:
        return None
    return argument.fault(
        "its value is no interpolation", f"write `{for_shell(f'{argument.key}={reference}')}`"
    )


def _two_equals(argument: _Argument) -> Diagnostic | None:
    start = argument.start
    if argument.value.startswith("=") and reads(single := f"{argument.key}={argument.value.lstrip('= ')}"):
        return argument.fault("`=` stands twice", f"write `{for_shell(single)}`", (start - 1, start + 1))
    return None


def _keys_in_quotes(argument: _Argument) -> Diagnostic | None:
    if not (argument.value.startswith("{") and _KEY_IN_QUOTES.search(argument.value)):
        return None
    plain = _KEY_IN_QUOTES.sub(lambda found: re.sub("['\"]", "", found[0]), argument.value)
    without = f"{argument.key}={plain}"
    fix = f"write `{for_shell(without)}`" if reads(without) else "write them without quotes"
    return argument.fault("its keys stand in quotes", f"{fix}; a mapping with other keys belongs in a file")


def _other_form(argument: _Argument) -> Diagnostic | None:
    found = other_form(argument.key, argument.value)
    if found is None:
        return None
    why, fix = found
    return argument.fault(
        why, fix if argument.as_text is None else f"{fix}, or `{argument.as_text}` for one text"
    )


def _further_override(argument: _Argument) -> Diagnostic | None:
    further = _FURTHER.fullmatch(argument.value)
    if argument.as_text is None or further is None or not reads(further[2]):
        return None
    first, second = for_shell(f"{argument.key}={further[1]}"), for_shell(further[2])
    fix = f"write `{first} {second}` for two overrides, or `{argument.as_text}` for one text"
    at = argument.start + further.start(2)
    return argument.fault("another override stands in its value", fix, (at, at + len(further[2])))


def _text_without_quotes(argument: _Argument) -> Diagnostic | None:
    if argument.as_text is None:
        return stray_sign(argument.text, argument.key, argument.value)
    at = first_quoted_only(argument.value)
    message = f"`{argument.value[at]}` stands in a value only in quotes"
    place = span_in(argument.text, argument.start + at, argument.start + at + 1)
    return Diagnostic("SER106", message, place, argument.key.lstrip("+~"), help=f"write `{argument.as_text}`")


def _unknown(argument: _Argument) -> Diagnostic:
    return argument.fault("its value cannot be read", f"{FORMS}; a text with other signs stands in quotes")


_CAUSES: Final[tuple[Callable[[_Argument], Diagnostic | None], ...]] = (
    _bracket,
    _quotes,
    _open_interpolation,
    _other_reference,
    _two_equals,
    _keys_in_quotes,
    _other_form,
    _further_override,
    _text_without_quotes,
)
"""From what is certain to what is likely."""
