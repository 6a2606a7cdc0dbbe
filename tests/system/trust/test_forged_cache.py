"""Answers in the cache that somebody forged: what they claim of a target does not decide what is called."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from serotiny.cache.fingerprint import Evidence
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.ml_ops.instantiation import RefusedTargetError, instantiate, make_importable
from serotiny.targets import SignatureCache, SignatureReader, TargetSignature, Trust
from serotiny.targets.signature_codec import answer_to_json

MODELS = """
import subprocess
from functools import lru_cache, partial
from os import system as run

import numpy as np
import pytorch_lightning as pl
from numpy import load
from pytorch_lightning.utilities.model_helpers import is_overridden

start = partial(subprocess.run, check=True)


class Net(pl.LightningModule):
    def __init__(self, width: int = 1) -> None:
        super().__init__()


class Plain: ...


def through(function):
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper


@lru_cache
def cached(width: int = 1) -> int: ...


@through
def wrapped(width: int = 1) -> int: ...
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project beside a module that tells when it is imported."""
    root = tmp_path_factory.mktemp("forged")
    (root / "forged_pkg").mkdir()
    (root / "forged_pkg" / "__init__.py").touch()
    (root / "forged_pkg" / "models.py").write_text(MODELS)
    (root / "forged_evil.py").write_text(f"open({str(root / 'canary')!r}, 'w')\nclass Net: pass\n")
    make_importable([root])
    return root


def _judge(root: Path, target: str, claimed: str) -> TargetJudge:
    """The judge of the project, whose cache says that `target` is a model that is defined as `claimed`."""
    model = SignatureReader([root]).read("forged_pkg.models.Net")
    assert isinstance(model, TargetSignature)
    cache = SignatureCache(root / "cache")
    cache.store(f"{root}\n{target}", Evidence(), answer_to_json(replace(model, path=claimed)))
    reader = SignatureReader([root], cache)
    assert replace(model, path=claimed) == reader.read(target)
    return TargetJudge(reader, Trust(own=("forged_pkg",)), root)


@pytest.mark.parametrize("as_what", ["itself", "another"])
@pytest.mark.parametrize(
    "target",
    [
        *("os.system", "numpy.load", "forged_evil.Net", "torch.hub.load", "torch.distributed.run.main"),
        *(
            "torch.set_default_dtype",
            "torch.nn.utils.stateless.functional_call",
            "torch.utils.data.Subset.__init__",
        ),
        *(
            f"forged_pkg.models.{name}"
            for name in ("run", "start", "load", "np.load", "np.save", "is_overridden")
        ),
        *(f"forged_pkg.models.{name}" for name in ("subprocess.run", "pl.seed_everything.__globals__")),
    ],
)
def test_what_a_cached_answer_claims_does_not_let_it_be_called(root: Path, target: str, as_what: str) -> None:
    """A target that is said to be a model is judged by its path before the import, and by its definition after it."""
    judge = _judge(root, target, target if as_what == "itself" else "forged_pkg.models.Net")

    with pytest.raises(RefusedTargetError, match=r"may not be named|does not trust"):
        instantiate({"_target_": target, "_partial_": True}, "model", judge)

    assert not (root / "canary").exists()
    assert "forged_evil" not in sys.modules


@pytest.mark.parametrize("name", ["Net", "Plain", "cached", "wrapped"])
def test_what_the_project_defines_is_called_whatever_is_cached(root: Path, name: str) -> None:
    """Classes and functions of the project, those that a decorator made among them."""
    target = f"forged_pkg.models.{name}"
    assert instantiate({"_target_": target, "_partial_": True}, "model", _judge(root, target, target))
