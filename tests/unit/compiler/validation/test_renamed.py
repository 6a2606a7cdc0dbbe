"""What is advised instead of arguments that Lightning's classes do not have."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

import pytest
from pytorch_lightning import Trainer
from pytorch_lightning.callbacks import ModelCheckpoint

from serotiny.compiler.project.layout import Layout
from serotiny.compiler.validation.causes import renamed
from serotiny.compiler.validation.causes.renamed import renamed_argument
from serotiny.targets import SignatureReader, TargetSignature

OWN, ANY = Layout(name="serotiny"), Layout(name="hydra")
TRAINER = renamed._OF_A_TRAINER | renamed._OF_OUR_TRAINER | renamed._OF_A_SCRIPTS_TRAINER


@pytest.mark.parametrize(
    ("kind", "advice"), [(Trainer, TRAINER), (ModelCheckpoint, renamed._OF_A_CHECKPOINT_CALLBACK)]
)
def test_what_is_advised_is_a_parameter_and_what_it_replaces_is_none(
    kind: type[Any], advice: Mapping[str, str]
) -> None:
    """A new version of Lightning that takes an old name again, or drops a new one, makes the advice wrong."""
    takes = inspect.signature(kind).parameters.keys()
    advised = {name for text in advice.values() for name in re.findall(r"(?:called|write|and) `(\w+)", text)}

    assert not takes & advice.keys()
    assert advised - {"seed"} <= takes


@pytest.mark.parametrize(
    ("path", "name", "layout", "expected"),
    [
        ("lightning.pytorch.Trainer", "replace_sampler_ddp", ANY, "it is called `use_distributed_sampler`"),
        (
            "pytorch_lightning.Trainer",
            "resume_from_checkpoint",
            ANY,
            "it is the `ckpt_path` of the trainer's `fit`",
        ),
        (
            "pytorch_lightning.Trainer",
            "resume_from_checkpoint",
            OWN,
            "a run goes on by itself; another checkpoint is `ckpt_path`, at the root of the config",
        ),
        ("lightning.pytorch.callbacks.ModelCheckpoint", "period", ANY, "it is called `every_n_epochs`"),
        ("torch.optim.SGD", "epochs", ANY, None),
    ],
)
def test_the_advice_is_that_of_the_class_and_of_who_runs_it(
    path: str, name: str, layout: Layout, expected: str | None
) -> None:
    """A script of the project calls `fit` itself; serotiny reads the root of the config."""
    signature = SignatureReader().read(path)

    assert isinstance(signature, TargetSignature)
    assert expected == renamed_argument(signature, name, layout)
