"""How the code of a class calls what one of its parameters holds."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from serotiny.targets import SignatureReader
from serotiny.targets.signature import CallForm

HEAD = """
class Base:
    def __init__(self, make, other=None):
        self._make = make

    def begin(self):
        return self._make(1)
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("def __init__(self, make): make(1, lr=2)", [CallForm(1, ("lr",))]),
        ("def __init__(self, make):\n  self.m = make\ndef go(self): self.m()", [CallForm(0, ())]),
        ("def __init__(self, make): super().__init__(make)", [CallForm(1, ())]),
        ("def __init__(self, make, **rest): super().__init__(make=make, **rest)", [CallForm(1, ())]),
        ("def __init__(self, **rest): super().__init__(**rest)", [CallForm(1, ())]),
        ("def __init__(self, make): super().__init__(make)\ndef begin(self): pass", []),
        ("def __init__(self, make): make(1); make(*make)", []),
        ("def __init__(self, make): make(1, **{})", []),
        ("def __init__(self, make):\n  make = print\n  make(1)", []),
        (
            "def __init__(self, make): self.save_hyperparameters()\ndef go(self): self.hparams.make(a=1)",
            [CallForm(0, ("a",))],
        ),
    ],
)
def test_calls_of_a_parameter_are_read(tmp_path: Path, body: str, expected: list[CallForm]) -> None:
    """Each call of a parameter is read, also by a base or of what was stored; one that passes `*args` leaves all open."""
    source = f"{HEAD}\nclass Made(Base):\n{textwrap.indent(body, ' ')}\n"
    (tmp_path / "own_code.py").write_text(source)

    found = SignatureReader([tmp_path]).calls_of_argument("own_code.Made", "make")

    assert expected == [*found]
