"""Brackets that are left open, as the cause of what YAML finds wrong some lines further down."""

from __future__ import annotations

from typing import Final

import yaml

_FARTHEST: Final = 100_000
"""The number of characters before the fault in which the bracket is looked for: the scanner is slow."""

_OPENING: Final = {yaml.FlowSequenceStartToken: "[", yaml.FlowMappingStartToken: "{"}
_CLOSING: Final = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken)


def unclosed_bracket(text: str, error: yaml.MarkedYAMLError) -> tuple[str, yaml.Mark] | None:
    """The bracket in an earlier line that is open where YAML stops to understand, and its place."""
    problem = error.problem_mark
    if problem is None or problem.index > _FARTHEST or " a flow " not in (error.context or ""):
        return None
    opened: list[tuple[str, yaml.Mark]] = []
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if token.start_mark.index >= problem.index:
                break
            if type(token) in _OPENING:
                opened.append((_OPENING[type(token)], token.start_mark))
            elif isinstance(token, _CLOSING) and opened:
                opened.pop()
    except yaml.YAMLError:
        pass  # what was opened before it is known
    if not opened or opened[-1][1].line >= problem.line or not _is_outside(text, opened[-1][1], problem):
        return None
    return opened[-1]


def _is_outside(text: str, bracket: yaml.Mark, problem: yaml.Mark) -> bool:
    """Whether a line is a key or an item of its own, rather than one more value within the bracket."""
    lines = [*text.splitlines(), ""]
    first, later = lines[bracket.line], lines[min(problem.line, len(lines) - 1)]
    found = later.lstrip()
    is_deeper = len(later) - len(found) > len(first) - len(first.lstrip())
    return found.startswith("- ") or not (is_deeper or found.startswith(("'", '"', "[", "{")))
