"""Answers in the cache that somebody forged: what they claim of a target does not decide what is called."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from serotiny.cache.fingerprint import Evidence
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.ml_ops.instantiation import RefusedTargetError, instantiate, make_importable
from serotiny.targets import SignatureCache, SignatureReader, TargetSignature, Trust
from serotiny.targets.signature import Parameter
from serotiny.targets.signature_codec import answer_to_json
from serotiny.targets.value_types.types import EnumType, InstanceOf, ValueType, Written

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


class Plain:
    def __init__(self, made=None) -> None: ...


def through(function):
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper


@lru_cache
def cached(width: int = 1) -> int: ...


@through
def wrapped(width: int = 1) -> int: ...
"""


PLAIN = "forged_pkg.models.Plain"


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


def _judge(root: Path, target: str, claimed: str, takes: ValueType | None = None) -> TargetJudge:
    """The judge of the project, whose cache says that `target` is a model that is defined as `claimed`.

    Args:
        takes: that it takes an argument `made` of this type, too.
    """
    model = SignatureReader([root]).read("forged_pkg.models.Net")
    assert isinstance(model, TargetSignature)
    parameters = (
        model.parameters if takes is None else (*model.parameters, Parameter(name="made", type=takes))
    )
    forged = replace(model, path=claimed, parameters=parameters)
    cache = SignatureCache(root / "cache")
    SignatureReader([root], cache).read(target)
    entries = {file: json.loads(file.read_text()) for file in cache.folder.glob("*.json")}
    (entry,) = [file for file, entry in entries.items() if entry["key"].endswith(f"\nsignature:{target}")]
    cache.store(entries[entry]["key"], Evidence(), answer_to_json(forged))
    reader = SignatureReader([root], cache)
    assert forged == reader.read(target)
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


def test_a_member_of_a_type_that_a_cached_answer_claims_is_made_by_enumerations_alone(root: Path) -> None:
    """A function in the place of an enumeration is not called with what a config gives."""
    command = f"touch {root / 'canary'}"
    judge = _judge(root, PLAIN, PLAIN, EnumType("os.system", (), (command,), closed=False))

    instantiate({"_target_": PLAIN, "made": command}, "model", judge)

    assert not (root / "canary").exists()


def test_a_class_of_a_mapping_that_a_cached_answer_claims_is_judged_once_it_is_imported(root: Path) -> None:
    """A mapping is made into what the type of a parameter names only if that may be called."""
    judge = _judge(root, PLAIN, PLAIN, InstanceOf("forged_pkg.models.run", Written.MAPPING))
    _judge(root, "forged_pkg.models.run", "forged_pkg.models.run")

    with pytest.raises(RefusedTargetError, match=r"`forged_pkg\.models\.run` is `posix\.system`"):
        instantiate({"_target_": PLAIN, "made": {"command": f"touch {root / 'canary'}"}}, "model", judge)

    assert not (root / "canary").exists()


@pytest.mark.parametrize("name", ["Net", "Plain", "cached", "wrapped"])
def test_what_the_project_defines_is_called_whatever_is_cached(root: Path, name: str) -> None:
    """Classes and functions of the project, those that a decorator made among them."""
    target = f"forged_pkg.models.{name}"
    assert instantiate({"_target_": target, "_partial_": True}, "model", _judge(root, target, target))
