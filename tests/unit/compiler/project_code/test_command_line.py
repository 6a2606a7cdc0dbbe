"""What a script puts on the command line itself."""

from __future__ import annotations

import ast

import pytest

from serotiny.compiler.project_code.command_line import added_keys


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('sys.argv.append(f"+root={here}")', ["root"]),
        ('sys.argv.append("++paths.data=/data")', ["paths"]),
        ('sys.argv.extend(["+a=1", "b=2", "--multirun"])', ["a"]),
        ('sys.argv.insert(1, "+net/block@net.first=wide")', ["net"]),
        ('sys.argv += ["+a=1"]', ["a"]),
        ('sys.argv = [sys.argv[0], "+a=1", *rest]', ["a"]),
        ('sys.argv.append("~a")', []),
        ('names.append("+a=1")', []),
        ('print(sys.argv, "+a=1")', []),
    ],
)
def test_overrides_that_a_script_gives_by_itself_add_their_keys(source: str, expected: list[str]) -> None:
    """Those with a plus, in every way to change the list; a plain override names a key that is there."""
    assert expected == [*added_keys(ast.parse(source))]
