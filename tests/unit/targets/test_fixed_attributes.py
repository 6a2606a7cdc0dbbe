"""Whether every instance of a class has a constant as an attribute."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from serotiny.targets import SignatureReader

HEAD = """
import pytorch_lightning as pl
from elsewhere import Other, tuned

class Base(pl.LightningModule):
 def __init__(self):
  super().__init__()
  self.by_hand = False

class Model({base}):
"""
OWN = "def __init__(self, a=1):\n  super().__init__()\n  "


@pytest.mark.parametrize(
    ("base", "body", "is_always"),
    [
        ("pl.LightningModule", "by_hand = False", True),
        ("pl.LightningModule", f"{OWN}self.by_hand = False", True),
        ("Base", "pass", True),
        ("Base", f"{OWN}self.a = a", True),
        ("pl.LightningModule", "pass", False),
        ("pl.LightningModule", "by_hand = True", False),
        ("pl.LightningModule", f"{OWN}self.by_hand = a", False),
        ("pl.LightningModule", f"{OWN}if a:\n   self.by_hand = False", False),
        ("pl.LightningModule", f"{OWN}self.by_hand = False\n def setup(self):\n  self.by_hand = True", False),
        ("pl.LightningModule", f"by_hand = False\n {OWN}self.by_hand = True", False),
        ("pl.LightningModule", f"{OWN}self.by_hand = False\n  setattr(self, 'by_hand', True)", False),
        ("pl.LightningModule", "def setup(self):\n  self.by_hand = False", False),
        ("Base", "def __init__(self):\n  pass", False),
        ("Base", "by_hand = True", False),
        ("Other", "by_hand = False", False),
    ],
)
def test_attribute_is_certain_where_its_one_assignment_always_runs(
    tmp_path: Path, base: str, body: str, is_always: bool
) -> None:
    """A condition, a second assignment, a computed name, or a base that is not called or read leaves it open."""
    (tmp_path / "made.py").write_text(HEAD.format(base=base) + textwrap.indent(body, " ") + "\n")

    assert is_always is SignatureReader([tmp_path]).is_always("made.Model", "by_hand", False)
