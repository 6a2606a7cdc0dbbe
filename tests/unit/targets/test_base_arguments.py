"""What the constructor of a class passes to that of its base."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from serotiny.targets import SignatureReader
from serotiny.targets.signature import Passed

HEAD = """
NAMES = ["a", "b"]

class Base:
    def __init__(self, columns=None, scale=1):
        super().__init__()
        self.columns = columns
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("pass", Passed(parameter="columns")),
        ('def __init__(self): super().__init__(columns=["a"])', Passed(value=["a"])),
        ("def __init__(self, scale): super().__init__(NAMES, scale)", Passed(value=["a", "b"])),
        ("def __init__(self, names): super().__init__(names)", Passed(parameter="names")),
        ("def __init__(self, columns): super().__init__(columns=columns)", Passed(parameter="columns")),
        ("def __init__(self, columns): super().__init__([c + '_mm' for c in columns])", None),
        ("def __init__(self, columns):\n  columns = columns[1:]\n  super().__init__(columns)", None),
        ("def __init__(self, part='x', **rest): super().__init__(**rest)", Passed(parameter="columns")),
        ("def __init__(self, part='x'): super().__init__(scale=part)", Passed(value=None)),
        ("def __init__(self, *parts): super().__init__(*parts)", None),
    ],
)
def test_argument_of_the_base_is_read(tmp_path: Path, body: str, expected: Passed | None) -> None:
    """A literal, a constant of the module or an unchanged parameter is read; what is reckoned is left open."""
    source = f"{HEAD}\nclass Made(Base):\n{textwrap.indent(body, ' ')}\n"
    (tmp_path / "own_code.py").write_text(source)

    assert expected == SignatureReader([tmp_path]).passed_to_base("own_code.Made", "columns")
