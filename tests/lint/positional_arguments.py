"""Calls with five or more positional arguments, which nobody can read: at most one in a thousand lines.

`python -m tests.lint.positional_arguments` is part of `make lint`.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "serotiny"
MOST = 4


def long_calls(text: str) -> list[int]:
    """The lines of the calls in a module that have more than four positional arguments."""
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    return sorted(call.lineno for call in calls if len(call.args) > MOST)


def main() -> int:
    """Name each long call; 1 when there are more than one in a thousand lines."""
    files = [path for path in sorted(PACKAGE.rglob("*.py")) if "template" not in path.parts]
    texts = {path: path.read_text("utf-8") for path in files}
    found = [
        f"{path.relative_to(PACKAGE.parent)}:{line}" for path in files for line in long_calls(texts[path])
    ]
    lines = sum(text.count("\n") for text in texts.values())
    print(
        f"{len(found)} calls with more than {MOST} positional arguments in {lines} lines", *found, sep="\n  "
    )
    return int(len(found) * 1000 > lines)


if __name__ == "__main__":
    sys.exit(main())
