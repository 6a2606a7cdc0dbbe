"""Questions about what a target gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from serotiny.targets import (
    SignatureReader,
    TargetSignature,
    Ternary,
    accepts_product,
    is_kind,
    lightning_namespace,
    supplied_by_code,
)
from serotiny.targets.value_types import types as t

if TYPE_CHECKING:
    from tests.unit.targets.conftest import ReadSource


def _read(reader: SignatureReader, path: str) -> TargetSignature:
    found = reader.read(path)
    assert isinstance(found, TargetSignature)
    return found


@pytest.mark.parametrize("namespace", ["pytorch_lightning", "lightning.pytorch"])
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("LightningModule", "LightningModule"),
        ("LightningDataModule", "LightningDataModule"),
        ("Trainer", "Trainer"),
        ("callbacks.ModelCheckpoint", "Callback"),
        ("callbacks.EarlyStopping", "Callback"),
        ("loggers.CSVLogger", "Logger"),
        ("strategies.DDPStrategy", "Strategy"),
        ("profilers.SimpleProfiler", "Profiler"),
    ],
)
def test_lightning_class_is_of_its_kind_in_both_packages(
    installed: SignatureReader, namespace: str, path: str, kind: str
) -> None:
    """`pytorch_lightning` and `lightning.pytorch` are asked about alike."""
    found = _read(installed, f"{namespace}.{path}")
    assert (Ternary.YES, namespace) == (is_kind(found, kind), lightning_namespace(found))


@pytest.mark.parametrize("path", ["torch.optim.Adam", "torch.nn.Linear", "pytorch_lightning.Trainer"])
def test_class_of_another_kind_certainly_is_not(installed: SignatureReader, path: str) -> None:
    """A class whose bases are all known is no model unless it derives from one."""
    assert Ternary.NO is is_kind(_read(installed, path), "LightningModule")


@pytest.mark.parametrize(
    "base",
    ["pytorch_lightning.LightningModule", "lightning.LightningModule", "lightning.pytorch.LightningModule"],
)
def test_own_class_is_of_its_bases_kind(read: ReadSource, base: str) -> None:
    """A project's model is a LightningModule through any number of bases, whichever package it uses."""
    package = base.partition(".")[0]
    found = read("study.Model", study=f"import {package}\nclass Base({base}): ...\nclass Model(Base): ...")
    assert (Ternary.YES, Ternary.YES, Ternary.NO) == tuple(
        is_kind(found, kind) for kind in ("LightningModule", "Module", "Trainer")
    )


def test_class_with_an_unreadable_base_leaves_the_question_open(read: ReadSource) -> None:
    """What derives from a package that is not installed may be anything."""
    found = read("study.Model", study="from not_installed import Base\nclass Model(Base): ...")
    assert Ternary.UNSURE is is_kind(found, "LightningModule")


@pytest.mark.parametrize(
    ("returns", "expected"),
    [
        (" -> pl.LightningModule", Ternary.YES),
        (" -> Model", Ternary.UNSURE),
        ("", Ternary.UNSURE),
        (" -> int", Ternary.NO),
        (" -> 'pl.LightningModule | None'", Ternary.UNSURE),
    ],
)
def test_function_is_judged_by_what_it_says_it_returns(
    read: ReadSource, returns: str, expected: Ternary
) -> None:
    """Only a plain value certainly is no model; a class may be derived from one."""
    found = read(
        "study.make", study=f"import pytorch_lightning as pl\nclass Model: ...\ndef make(){returns}: ..."
    )
    assert expected is is_kind(found, "LightningModule")


def test_optimizer_and_scheduler_are_supplied_what_only_code_has(installed: SignatureReader) -> None:
    """Parameters of the model, and the optimizer that a scheduler steps, cannot stand in a config."""
    names = [
        supplied_by_code(_read(installed, path))
        for path in ("torch.optim.SGD", "torch.optim.lr_scheduler.ReduceLROnPlateau", "torch.nn.Linear")
    ]
    assert [{"params"}, {"optimizer"}, set()] == names


def test_product_of_another_class_is_refused_only_when_that_is_certain(
    installed: SignatureReader, read: ReadSource
) -> None:
    """A nested target is compared with the annotation by its bases."""
    module = t.InstanceOf("torch.nn.modules.module.Module")
    unknown = read("study.Net", study="from not_installed import Base\nclass Net(Base): ...")
    answers = [
        accepts_product(module, _read(installed, "torch.nn.ReLU")),
        accepts_product(module, _read(installed, "torch.optim.Adam")),
        accepts_product(module, unknown),
        accepts_product(t.InstanceOf("torch.device", t.Written.ANYTHING), _read(installed, "torch.nn.ReLU")),
    ]
    assert [Ternary.YES, Ternary.NO, Ternary.UNSURE, Ternary.UNSURE] == answers
