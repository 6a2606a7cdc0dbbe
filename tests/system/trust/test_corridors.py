"""Ways that lead from the project's own package to what is not its own, through each door that calls what is stored.

Each path leads to `os.system` or its like, and would make a file if it were called. Some are refused by the source alone,
others only once their module is imported, by what they turn out to be.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from mlflow import MlflowClient

from serotiny.compiler.compile import Compiler
from serotiny.compiler.plan.plan import Plan
from serotiny.compiler.project import find_project
from serotiny.diagnostics import SerotinyError
from serotiny.ml_ops.instantiation import RefusedTargetError, make_importable
from serotiny.ml_ops.mlflow_utils import load_datamodule, load_model_from_checkpoint
from serotiny.ml_ops.run import run
from serotiny.ml_ops.stored_targets import StoredTargetError
from serotiny.tracking.session import RunRefusedError

# MLflow's own use of SQLAlchemy
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")

MODELS = """
import collections, enum, functools, importlib, os, subprocess, sys, types
import pytorch_lightning as pl
import torch
from os import *


class Model(pl.LightningModule):
    def __init__(self, net=None, spare=None):
        super().__init__()


class Data(pl.LightningDataModule):
    pass


class Holder:
    module = os
    function = os.system
    static = staticmethod(os.system)
    partial = functools.partial(os.system)
    method = functools.partialmethod(os.system)
    table = {"a": os.system}

    @property
    def given(self):
        return os.system

    class Inner:
        module = os
        from os import system


class Child(Holder):
    pass


class Names(type):
    def __getattr__(cls, name):
        return getattr(os, name)


class Made(metaclass=Names):
    pass


class Descriptor:
    def __get__(self, instance, owner):
        return os.system


class Described:
    function = Descriptor()


class Program(subprocess.Popen):
    pass


class Choice(enum.Enum):
    module = os
    function = functools.partial(os.system)


alias = os
first, second = os, sys
bound = os.system
instance = Holder()
partial = functools.partial(os.system)
method = types.MethodType(os.system, "x")
table = collections.OrderedDict(a=os)
space = types.SimpleNamespace(system=os.system)
made = type("made", (subprocess.Popen,), {})
modules = sys.modules
bring = importlib.import_module
globals()["hidden"] = os.system
setattr(sys.modules[__name__], "set", os.system)
cached = functools.lru_cache(os.system)


def decorator(function):
    return os.system


@decorator
def decorated(command): ...


@functools.wraps(os.system)
def wrapping(*arguments): ...


def __getattr__(name):
    return getattr(os, name)
"""

PACKAGE = """
from corridor_pkg import models
from corridor_pkg.models import *
from .models import Holder as Other, alias as again, instance as another
"""

# fmt: off
CORRIDORS = [
    "os.system", "first.system", "bound", "system", "posix_spawn",
    "Holder.module.system", "Holder.function", "Holder.static", "Holder.partial", "Holder.method", "Holder.table.get",
    "Holder.given", "Holder.Inner.module.system", "Holder.Inner.system", "Child.static", "Made.system",
    "Described.function", "Program", "Choice.module.value.system", "Choice.function",
    "instance.module.system", "partial", "partial.func", "method", "table.a.system", "space.system",
    "made", "modules.get", "bring", "hidden", "set", "cached", "decorated", "wrapping", "wrapping.__wrapped__", "torch.load",
    "Model.load_from_checkpoint", "Model.__init__.__globals__", "Model.mro",
    "functools.reduce", "importlib.import_module",
]
OF_THE_PACKAGE = [
    "models.os.system", "models.models.os.system", "again.system", "Other.module.system", "another.module.system", "system",
]
# fmt: on
PATHS = [f"corridor_pkg.models.{name}" for name in CORRIDORS] + [
    f"corridor_pkg.{name}" for name in OF_THE_PACKAGE
]
_REFUSALS = (StoredTargetError, RefusedTargetError)
MODEL = "corridor_pkg.models.Model"


@dataclass(frozen=True)
class Doors:
    """A project, a store with one run, and the places where what is stored can be changed.

    Attributes:
        config: the file of the run's config.
        plan: of a training that is in order.
    """

    root: Path
    uri: str
    config: Path
    plan: Plan

    @property
    def canary(self) -> Path:
        """What a command would make."""
        return self.root / "canary"

    def fault(self, door: Callable[[], object]) -> SerotinyError | None:
        """Why nothing comes through a door; None if something does."""
        try:
            door()
        except SerotinyError as error:
            return error
        return None

    def load(self, loader: Callable[..., Any], node: Mapping[str, Any]) -> SerotinyError | None:
        """What a loader says of a node in the stored config; the weights that a model gets are in order."""
        self.config.write_text(json.dumps({"model": node, "data": node}))
        given = {"checkpoint": self.root / "empty.ckpt"} if loader is load_model_from_checkpoint else {}
        return self.fault(lambda: loader(self.uri, "stored", **given))

    def run(self, node: Mapping[str, Any]) -> SerotinyError | None:
        """What a plan says that somebody has changed to hold a node."""
        config = {**self.plan.config, "model": dict(node)}
        changed = replace(self.plan, config=config, logged_config=config)
        return self.fault(lambda: run(changed, self.root / "job"))


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Doors:
    root = tmp_path_factory.mktemp("corridors")
    package = root / "corridor_pkg"
    (package / "config").mkdir(parents=True)
    (root / "pyproject.toml").write_text('[tool.serotiny]\npackage = "corridor_pkg"\n')
    (package / "__init__.py").write_text(PACKAGE)
    (package / "models.py").write_text(MODELS)
    (package / "config" / "train.yaml").write_text(
        f"model: {{_target_: {MODEL}}}\ndata: {{_target_: corridor_pkg.models.Data}}\n"
        "trainer: {max_epochs: 1, accelerator: cpu}\nmlflow: {tracking_uri: null}\n"
    )
    make_importable([root])
    compilation = Compiler.of_project(find_project(root)).compile_call("train", ())
    plan = compilation.jobs[0].plan()
    artifacts = root / "mlartifacts"
    artifacts.mkdir()
    uri = f"sqlite:///{root}/mlflow.db"
    client = MlflowClient(uri)
    tags = {"serotiny.state": "owned", "serotiny.layout": "1", "serotiny.operation": "train"}
    stored = client.create_run(
        client.create_experiment("study", artifacts.as_uri()), tags=tags, run_name="stored"
    ).info.run_id
    client.log_text(stored, "model: {}\n", "config/train.yaml")
    torch.save({"state_dict": {}}, root / "empty.ckpt")
    return Doors(root, uri, artifacts / stored / "artifacts" / "config" / "train.yaml", plan)


@pytest.fixture(autouse=True)
def in_project(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load in the folder of the project, whose own package is trusted there."""
    monkeypatch.chdir(doors.root)


@pytest.mark.parametrize("path", PATHS)
def test_what_the_project_imports_is_called_through_no_door(doors: Doors, path: str) -> None:
    """Neither as the model itself nor as a part of it; what resolves to it is it."""
    command = [f"touch {doors.canary}"]
    node = {"_target_": path, "_args_": command}
    within = {"_target_": MODEL, "net": node}
    made = {"_target_": MODEL, "net": f"${{oc.create:{{_target_:{path},_args_:['{command[0]}']}}}}"}
    given = {"_target_": MODEL, "net": {"_target_": "hydra.utils.get_object", "path": path}}

    assert isinstance(doors.load(load_datamodule, node), _REFUSALS)
    for other in (made, given):
        assert isinstance(doors.load(load_model_from_checkpoint, other), _REFUSALS)
    assert isinstance(doors.run({**within, "_recursive_": False}), (*_REFUSALS, RunRefusedError))
    assert not doors.canary.exists()


def test_what_the_project_defines_passes(doors: Doors) -> None:
    """The model is made."""
    assert doors.load(load_model_from_checkpoint, {"_target_": MODEL}) is None
