"""One override as typed and as parsed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from serotiny.compiler.hydra.errors import Rejected
from serotiny.compiler.hydra.grammar import parse_override
from serotiny.compiler.limits import MAX_CALL_LENGTH
from serotiny.compiler.overrides.mapping_form import without_braces
from serotiny.compiler.overrides.quoting import quoted, span_in
from serotiny.compiler.overrides.torn import pieces, torn
from serotiny.compiler.overrides.unreadable.argument import refuse_unreadable
from serotiny.compiler.syntax.override import Choices, Glob, Override
from serotiny.compiler.tree import Node
from serotiny.diagnostics import Diagnostic, Place


@dataclass(frozen=True)
class Argument:
    """One override as typed and as parsed."""

    text: str
    parsed: Override

    @property
    def key_place(self) -> Place:
        """The span of the key, without `+`, `++` or `~`."""
        start = len(self.text) - len(self.text.lstrip("+~")) + 1
        end = self.text.find("=") + 1 or len(self.text) + 1
        return span_in(self.text, start, end)

    @property
    def leads_to(self) -> str:
        """The key that it sets or takes out; of a choice the one where the option is laid."""
        parsed = self.parsed
        return parsed.key_or_group.replace("/", ".") if parsed.package is None else parsed.package

    def step_place(self, depth: int) -> Place:
        """The span of one step of the key: in `a.b.c=1`, that of `b` at depth 1."""
        whole = self.key_place
        assert whole.column is not None
        assert whole.end_column is not None
        steps = list(re.finditer(r"[^.\[\]]+", self.text[whole.column - 1 : whole.end_column - 1]))
        if depth >= len(steps):
            return whole
        return span_in(self.text, whole.column + steps[depth].start(), whole.column + steps[depth].end())

    @property
    def value_place(self) -> Place:
        """The span after `=`; that of the key where there is no value."""
        equals = self.text.find("=")
        if equals < 0:
            return self.key_place
        return span_in(self.text, equals + 2, max(len(self.text) + 1, equals + 3))

    def node(self) -> Node:
        """The value as a tree in which every part has the place of the whole."""
        node = _node(self.parsed.value, self)
        return node if isinstance(node.value, str | dict | list) else replace(node, written=self._value_text)

    @property
    def _value_text(self) -> str:
        return self.text.partition("=")[2].strip()

    @property
    def is_hydra(self) -> bool:
        """Whether it is about Hydra itself (`hydra.run.dir`, `hydra/launcher`)."""
        return self.parsed.is_about_hydra


def parse_arguments(texts: Sequence[str]) -> tuple[list[Argument], list[Diagnostic]]:
    """Parse overrides.

    Returns:
        Those that are sound, and SER106 for each that is not, in however many pieces; none behind the one with which they are too long.
    """
    arguments: list[Argument] = []
    faults: list[Diagnostic] = []
    length = 0
    for piece in pieces(texts):
        text = piece.texts[0]
        length += len(text)
        if length > MAX_CALL_LENGTH:
            message = f"with this one the overrides of the call have more than {MAX_CALL_LENGTH:,} characters"
            fix = "write what they set into a config, and name that"
            faults.append(Diagnostic("SER106", message, span_in(text, 1, len(text) + 1), help=fix))
            break
        if piece.is_torn:
            faults.append(torn(piece))
            continue
        try:
            argument = Argument(text, parse_override(text))
        except Rejected:
            faults.append(refuse_unreadable(text))
            continue
        # to Hydra's grammar `=1` is an override of the key ""
        if argument.parsed.key_or_group:
            arguments.append(argument)
        else:
            faults.append(refuse_unreadable(text))
    return arguments, faults


def refuse_sweeps(arguments: Sequence[Argument]) -> tuple[list[Argument], list[Diagnostic]]:
    """Take out sweeps, which need `-m`.

    Returns:
        The arguments with one value each, and SER106 for each sweep.
    """
    faults = [
        Diagnostic(
            "SER106",
            f"`{argument.text}` gives several values to one job",
            argument.value_place,
            argument.parsed.key_or_group,
            help=_one_value(argument),
        )
        for argument in arguments
        if argument.parsed.sweeps
    ]
    return [argument for argument in arguments if not argument.parsed.sweeps], faults


def _one_value(argument: Argument) -> str:
    """The help for a sweep without `-m`: how to write several values, a list or a text."""
    key, _, value = argument.text.partition("=")
    text = quoted(argument.text, value)
    lists = isinstance(argument.parsed.sweep, Choices | Glob)
    if not lists or value.startswith("choice(") or text is None:
        return "add -m to sweep over them"
    if _FUNCTION.match(value):
        return f"add -m to sweep over them, or write `{text}` for one text"
    if (mapping := without_braces(value)) is not None:
        return f"write `{shlex.quote(f'{key}={mapping}')}` for a mapping, or `{text}` for one text"
    as_list = shlex.quote(f"{key}=[{value}]")
    return f"add -m to sweep over them, write `{as_list}` for a list, or `{text}` for one text"


_FUNCTION = re.compile(r"\w+\(")


def refuse_choices(
    arguments: Sequence[Argument], is_group: Callable[[str], bool]
) -> tuple[list[Argument], list[Diagnostic]]:
    """Take out what chooses in a group by something else than names.

    Returns:
        The other arguments, and SER106 for each of those.
    """
    kept: list[Argument] = []
    faults: list[Diagnostic] = []
    for argument in arguments:
        key, value = argument.parsed.key_or_group, argument.parsed.value
        if is_group(key) and not _names_options(value):
            message = f"an option of `{key}` is chosen by its name"
            faults.append(
                Diagnostic("SER106", message, argument.value_place, key, help="quote it if it is a name")
            )
        else:
            kept.append(argument)
    return kept, faults


def _names_options(value: Any) -> bool:
    """Whether a value names options of a group, chooses nothing, or is merged over the group's content."""
    if isinstance(value, list):
        return all(isinstance(name, str) for name in value)
    return value is None or isinstance(value, str | dict)


def _node(value: Any, argument: Argument) -> Node:
    place = argument.value_place
    if isinstance(value, dict):
        children = {name: replace(_node(item, argument), key_place=place) for name, item in value.items()}
        return Node(children, place, argument.key_place)
    if isinstance(value, list):
        return Node([_node(item, argument) for item in value], place, argument.key_place)
    return Node(value, place, argument.key_place)
