"""Whether instances of a class certainly lack an attribute."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from serotiny.targets import SignatureReader

HEAD = "import pytorch_lightning as pl\nfrom elsewhere import tuned\n\nclass Model(pl.LightningModule):\n"
INIT = "def __init__(self, lr=0.1, width=2, **kwargs):\n  super().__init__()\n  "


@pytest.mark.parametrize(
    ("body", "is_lacking"),
    [
        ("pass", True),
        ("def __init__(self, lr=0.1):\n  super().__init__()\n  self.rate = lr", True),
        ("def __init__(self, width=2):\n  super().__init__()\n  self.save_hyperparameters()", True),
        ("def step(self, batch):\n  return self(batch)", True),
        ("def step(self):\n  return self.hparams.width + self.hparams['depth']", True),
        ("lr = 0.1", False),
        ("lr: float", False),
        ("@property\ndef lr(self):\n  return 0.1", False),
        ("def __init__(self, lr=0.1):\n  super().__init__()\n  self.lr = lr", False),
        ("def __init__(self, lr=0.1):\n  super().__init__()\n  self.save_hyperparameters()", False),
        (f"{INIT}self.save_hyperparameters()", False),
        ("def __init__(self, given):\n  super().__init__()\n  self.save_hyperparameters(given)", False),
        ("def setup(self, stage):\n  setattr(self, 'l' + 'r', 0.1)", False),
        ("def setup(self, stage):\n  self.__dict__.update(a=1)", False),
        ("def setup(self, stage):\n  self.register_buffer('lr', None)", False),
        ("def setup(self, stage):\n  tuned(self)", False),
        ("def setup(self, stage):\n  self.part = tuned(model=self)", False),
        ("def setup(self, stage):\n  self.hparams['lr'] = 0.1", False),
        ("def setup(self, stage):\n  self.hparams.update(lr=0.1)", False),
        ("def setup(self, stage):\n  kept = self.hparams", False),
        ("def __getattr__(self, name):\n  return 0.1", False),
        ("@tuned\ndef __init__(self):\n  super().__init__()", False),
    ],
)
def test_attribute_that_nothing_sets_is_certainly_lacking(
    tmp_path: Path, body: str, is_lacking: bool
) -> None:
    """What may set it in any way, by a computed name, in other code or as a hyperparameter, leaves it open."""
    (tmp_path / "made.py").write_text(HEAD + textwrap.indent(body, " ") + "\n")

    assert is_lacking is SignatureReader([tmp_path]).certainly_lacks("made.Model", "lr")


@pytest.mark.parametrize("base", ["missing.Base", "pl.LightningModule, metaclass=tuned", "Mixin"])
def test_class_of_which_a_part_is_not_known_is_left_open(tmp_path: Path, base: str) -> None:
    """A base that cannot be read, one that sets it, and a metaclass may all give it."""
    mixin = "class Mixin(pl.LightningModule):\n def setup(self, stage):\n  self.lr = 1\n\n"
    (tmp_path / "made.py").write_text(
        f"import missing\nimport pytorch_lightning as pl\n{mixin}class Model({base}):\n pass\n"
    )

    assert not SignatureReader([tmp_path]).certainly_lacks("made.Model", "lr")


STEP = "def training_step(self, batch, index):\n  return None"


@pytest.mark.parametrize(
    ("base", "body", "is_lightnings"),
    [
        ("pl.LightningModule", "def forward(self, x):\n  return x", True),
        (
            "pl.LightningModule",
            "def __init__(self):\n  super().__init__()\n  self.save_hyperparameters()",
            True,
        ),
        ("pl.LightningModule", STEP, False),
        ("pl.LightningModule", "training_step = None", False),
        ("pl.LightningModule", f"if tuned:\n  {STEP.replace(chr(10), chr(10) + ' ')}", False),
        ("pl.LightningModule", "def setup(self, stage):\n  self.training_step = tuned", False),
        ("pl.LightningModule", "def setup(self, stage):\n  setattr(self, stage, tuned)", False),
        ("pl.LightningModule", "def setup(self, stage):\n  tuned(self)", False),
        ("pl.LightningModule", "def setup(self, stage):\n  self.__class__ = tuned", False),
        ("pl.LightningModule", "def __new__(cls):\n  return tuned()", False),
        ("pl.LightningModule", "def __init_subclass__(cls):\n  tuned(cls)", False),
        ("pl.LightningModule", "def __getattr__(self, name):\n  return tuned", False),
        ("pl.LightningModule, metaclass=tuned", "pass", False),
        ("missing.Base, pl.LightningModule", "pass", False),
        ("tuned(pl.LightningModule)", "pass", False),
        ("pl.demos.boring_classes.BoringModel", "pass", False),
    ],
)
def test_method_that_nothing_overrides_is_certainly_lightnings(
    tmp_path: Path, base: str, body: str, is_lightnings: bool
) -> None:
    """Whatever may give the class or an instance another one leaves it open."""
    head = HEAD.replace("pl.LightningModule", base).replace(
        "as pl\n", "as pl\nimport pytorch_lightning.demos.boring_classes\n"
    )
    (tmp_path / "made.py").write_text(head + textwrap.indent(body, " ") + "\n")

    names = ("training_step",)
    assert (names if is_lightnings else ()) == SignatureReader([tmp_path]).not_overridden("made.Model", names)


@pytest.mark.parametrize("after", ["tuned(Model)", "Model.training_step = tuned"])
def test_method_that_code_behind_a_class_may_set_is_left_open(tmp_path: Path, after: str) -> None:
    """A call with the class at the top of its module, and an assignment, may give it the method."""
    (tmp_path / "made.py").write_text(f"{HEAD} pass\n\n{after}\n")

    assert () == SignatureReader([tmp_path]).not_overridden("made.Model", ("training_step",))
