"""Which targets a config may name."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import importlib
import os
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from serotiny.targets import SignatureReader, TargetKind, TargetSignature, Trust
from serotiny.targets.policy.objects import judge_object
from serotiny.targets.policy.reviewed import is_plain_value

if TYPE_CHECKING:
    from tests.unit.targets.conftest import WriteTree

HARMLESS = [
    "builtins.dict",
    "builtins.list",
    "datetime.timedelta",
    "functools.partial",
    "math.sqrt",
    "operator.itemgetter",
    "operator.mul",
    "torch.amp.GradScaler",
    "torch.cuda.amp.GradScaler",
    "torch.nn.Embedding.from_pretrained",
    "torch.optim.Muon",
    "torch.optim.lr_scheduler.ReduceLROnPlateau",
    "torch.distributions.Normal",
    "torch.utils.data.WeightedRandomSampler",
    "torch.utils.data.TensorDataset",
    "torchmetrics.MetricCollection",
    "torchmetrics.functional.accuracy",
    "pytorch_lightning.strategies.DDPStrategy",
    "pytorch_lightning.plugins.environments.SLURMEnvironment",
    "pytorch_lightning.plugins.MixedPrecision",
    "lightning.pytorch.loggers.WandbLogger",
    "study_pkg.models.Tiny",
    "study_pkg.io.Reader",
    "study_pkg.types.Thing",
    "torch.nn.Linear",
    "torch.nn.functional.relu",
    "torch.nn.functional.gelu",
    "torch.optim.Adam",
    "torch.optim.lr_scheduler.StepLR",
    "torch.utils.data.DataLoader",
    "torch.device",
    "torch.Generator",
    "torch.Tensor",
    "torch.relu",
    "torch.conv1d",
    "torch.dtype",
    "torch.linalg.norm",
    "torchmetrics.Accuracy",
    "pytorch_lightning.Trainer",
    "pytorch_lightning.seed_everything",
    "pytorch_lightning.callbacks.EarlyStopping",
    "pytorch_lightning.loggers.CSVLogger",
    "pytorch_lightning.plugins.io.TorchCheckpointIO",
    "pytorch_lightning.profilers.PyTorchProfiler",
    "torch.profiler.schedule",
    "lightning.pytorch.Trainer",
    "lightning.pytorch.callbacks.ModelCheckpoint",
    "torch.distributed.fsdp.MixedPrecision",
    "torch.distributed.optim.ZeroRedundancyOptimizer",
    "serotiny.models.TabularVAE",
    "serotiny.io.dataframe.loaders.LoadColumns",
]

FORBIDDEN = [
    "hydra.utils.get_class",
    "hydra.utils.get_method",
    "hydra.utils.get_object",
    "hydra.utils.instantiate",
    "hydra.utils.call",
    "hydra.main",
    "omegaconf.OmegaConf.load",
    "mlflow.pyfunc.load_model",
    "logging.getLogger",
    "logging.config.dictConfig",
    "functools.reduce",
    "operator.attrgetter",
    "operator.call",
    "operator.methodcaller",
    "math.factorial",
    "torchvision.datasets.LSUN",
    "torch.ao.quantization.fx.graph_module.ObservedGraphModule",
    "pytorch_lightning.serve.ServableModuleValidator",
    "builtins.exec",
    "builtins.compile",
    "builtins.__import__",
    "os.system",
    "os.symlink",
    "posix.system",
    "subprocess.Popen",
    "multiprocessing.util.spawnv_passfds",
    "timeit.timeit",
    "site.addpackage",
    "threading.Thread.run",
    "types.SimpleNamespace",
    "pickle.loads",
    "shutil.rmtree",
    "importlib.import_module",
    "torch.os.system",
    "torch.sys.modules.clear",
    "torch.nn.modules.module.os.system",
    "pytorch_lightning.trainer.trainer.os.remove",
    "study_pkg.models.os.system",
    "logging.os.system",
    "torch.load",
    "torch.save",
    "torch.serialization.load",
    "torch.hub.load",
    "torch.hub.download_url_to_file",
    "torch.utils.cpp_extension.load_inline",
    "torch.utils.model_zoo.load_url",
    "torch.utils.benchmark.Timer",
    "torch.distributed.run.main",
    "torch.distributed.launch.main",
    "torch.multiprocessing.spawn",
    "torch.jit.load",
    "torch.package.PackageImporter",
    "torch.compile",
    "torch.from_file",
    "torch.functional.from_file",
    "torch.import_ir_module",
    "torch.PyTorchFileReader",
    "torch.ops.load_library",
    "torch.classes.load_library",
    "torch._C._jit_pass_inline",
    "torch._inductor.codecache.PyCodeCache.load",
    "torch.testing._internal.common_utils.run_tests",
    "pytorch_lightning.cli.LightningCLI",
    "lightning.pytorch.cli.LightningCLI",
    "pytorch_lightning.core.saving.load_hparams_from_yaml",
    "lightning_fabric.utilities.cloud_io._load",
    "study_pkg.models.Tiny.load_from_checkpoint",
    "pytorch_lightning.LightningModule.load_from_checkpoint",
    "serotiny.cli.main.main",
    "serotiny.ml_ops.run.run",
    "study_pkg.models.Tiny.__init__.__globals__",
    "torch.nn.Module.__class__",
    "hydra._internal.target_policy.UNCONTROLLED_EXECUTION_TARGETS.discard",
    "",
    "..",
    "study_pkg.",
    "study_pkg.mødels.Tiny",
    "ﬀ.x",
]

UNTRUSTED = [
    "numpy.load",
    "pandas.eval",
    "evil_in_cwd.Model",
    "sklearn.linear_model.LinearRegression",
    "torchvision_evil.Model",
    "study_pkg_evil.Model",
]

UNLISTED = [
    # trusted packages hold much that no config is made of
    "torch.nn.Module.load_state_dict",
    "torch.nn.Linear.forward",
    "torch.nn.modules.module.register_module_forward_hook",
    "torch.set_default_dtype",
    "torch.utils.tensorboard.SummaryWriter",
    "torch.utils.checkpoint.checkpoint",
    "torch.cuda.memory._record_memory_history",
    "pytorch_lightning.LightningModule.to_onnx",
    "pytorch_lightning.utilities.model_registry.download_model_from_registry",
    "torchmetrics.functional.text.helper_embedding_metric._load_tokenizer_and_model",
    "torch.optim._adam.Adam",
]


READER = SignatureReader()
PROJECT = Trust(own=("study_pkg",))


def _judge(path: str, trust: Trust = PROJECT) -> str | None:
    found = READER.read(path)
    return trust.judge(path, found) if isinstance(found, TargetSignature) else trust.judge_name(path)


@pytest.mark.parametrize("path", HARMLESS)
def test_target_of_a_trusted_package_may_be_named(path: str) -> None:
    """The project's own code, classes of the kinds that configs are made of, and what was reviewed."""
    assert _judge(path) is None


@pytest.mark.parametrize("path", FORBIDDEN)
def test_dangerous_target_is_forbidden(path: str) -> None:
    """What runs code, reads pickles, touches files or the process is refused, in whatever package it lies."""
    assert "forbidden" == _judge(path)


@pytest.mark.parametrize("path", FORBIDDEN)
def test_trust_does_not_lift_what_is_forbidden(path: str) -> None:
    """Trusting the package, or allowing the target itself by name, changes nothing."""
    packages = (path.partition(".")[0], "hydra", "os", "builtins")
    assert "forbidden" == _judge(path, Trust(("study_pkg",), packages, (path,)))


@pytest.mark.parametrize("path", UNLISTED)
def test_what_is_of_no_kind_is_refused_until_it_is_allowed(path: str) -> None:
    """Methods, private names, savers, global switches: trusting the package is not enough, naming the target is."""
    assert "unlisted" == _judge(path)
    assert _judge(path, Trust(allowed=(path,))) is None


@pytest.mark.parametrize("path", UNTRUSTED)
def test_other_package_is_untrusted_until_it_is_named(path: str) -> None:
    """A package is trusted by its whole name, not by a prefix of letters."""
    assert "untrusted" == _judge(path)
    assert "untrusted" != _judge(path, Trust(trusted=(path.partition(".")[0],)))


def test_installed_package_is_judged_by_kinds_when_it_is_trusted() -> None:
    """An estimator of scikit-learn may be named then, a reader of NumPy still may not."""
    trust = Trust(trusted=("sklearn", "numpy"))
    assert _judge("sklearn.linear_model.LinearRegression", trust) is None
    assert _judge("numpy.linspace", trust) is None
    assert _judge("numpy.array", trust) is None
    assert "unlisted" == _judge("numpy.load", trust)
    assert "unlisted" == _judge("sklearn.datasets.load_svmlight_file", trust)


def test_trusted_package_that_is_worked_on_is_code_of_the_project(write_tree: WriteTree) -> None:
    """It lies in no folder of installed packages, so that whoever trusts it means all of it."""
    root = write_tree(helpers_pkg="def make(): ...\nfrom os import system")
    reader = SignatureReader([root])
    found, way_out = reader.read("helpers_pkg.make"), reader.read("helpers_pkg.system")
    assert isinstance(found, TargetSignature)
    assert isinstance(way_out, TargetSignature)

    assert Trust(trusted=("helpers_pkg",)).judge("helpers_pkg.make", found) is None
    assert "untrusted" == Trust().judge("helpers_pkg.make", found)
    assert "forbidden" == Trust(trusted=("helpers_pkg",)).judge("helpers_pkg.system", way_out)


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("train", "forbidden"),
        ("read", "forbidden"),
        ("np.load", "untrusted"),
        ("nn.Linear", None),
        ("torch.set_default_dtype", "unlisted"),
        ("Net", None),
        ("Net.make", None),
        ("Net.load_from_checkpoint", "forbidden"),
        ("Net.to_onnx", "unlisted"),
        ("alias", "forbidden"),
        ("either", "forbidden"),
        ("way.system", "unclear"),
        ("Net.way.system", "unclear"),
        ("log.manager", "unclear"),
        ("make.__globals__", "forbidden"),
        ("cached", "forbidden"),
        ("part", "forbidden"),
        ("part.func", "unclear"),
        ("pairs.get", "unclear"),
        ("net.to_onnx", "unclear"),
        ("bound", "unclear"),
        ("Kind.run", "forbidden"),
        ("Kind.run.value", "unclear"),
        ("Net.held.system", "forbidden"),
        ("Net.inner", "forbidden"),
    ],
)
def test_own_package_is_no_way_to_what_others_define(
    name: str, verdict: str | None, write_tree: WriteTree
) -> None:
    """Whatever the project defines may be named; what it imports is what it is; an attribute of a value is unclear."""
    root = write_tree(
        study_pkg="""
import enum, functools, logging, os, torch
import numpy as np
import pytorch_lightning as pl
from os import system as train
from torch import load as read, nn

alias = os.system
way = __import__("os")
log = logging.getLogger(__name__)

if np.__version__ > "3":
    from torch.nn import Linear as either
else:
    from torch import load as either

def make(): ...

class Net(pl.LightningModule):
    way = __import__("os")
    held = os
    inner = functools.partial(os.system)
    @classmethod
    def make(cls): ...

cached = functools.lru_cache(os.system)
part = functools.partial(os.system)
pairs = {"run": os.system}
net = Net()
bound = net.to_onnx

class Kind(enum.Enum):
    run = functools.partial(os.system)
"""
    )
    found = SignatureReader([root]).read(f"study_pkg.{name}")
    assert isinstance(found, TargetSignature)
    assert verdict == Trust(own=("study_pkg",)).judge(f"study_pkg.{name}", found)


@pytest.mark.parametrize("path", ["AutoAugmentPolicy.SVHN", "AutoAugmentPolicy", "AutoAugmentPolicy.LOAD"])
def test_members_of_listed_enumerations_may_be_named(path: str) -> None:
    """By their own names alone, where torchvision is installed or not."""
    found = TargetSignature(path=f"torchvision.transforms.autoaugment.{path}", kind=TargetKind.UNKNOWN)
    expected = "unlisted" if path.endswith("LOAD") else None

    assert expected == Trust().judge(f"torchvision.transforms.{path}", found)
    assert ("SVHN" in path) == is_plain_value(found.path)


def test_object_is_judged_by_where_it_is_really_defined() -> None:
    """A name of the project that turns out to be another package's is seen once it is imported."""
    trust = Trust(own=("study_pkg",))
    assert "posix.system" == judge_object(trust, "study_pkg.run", os.system)
    assert "subprocess.Popen" == judge_object(trust, "study_pkg.Start", subprocess.Popen)
    assert "posix.system" == judge_object(trust, "study_pkg.start", functools.partial(os.system, "true"))
    assert "torch.serialization.load" == judge_object(trust, "study_pkg.read", torch.load)
    assert judge_object(trust, "study_pkg.layer", torch.nn.Linear) is None
    assert judge_object(trust, "datetime.timedelta", datetime.timedelta) is None
    assert judge_object(trust, "torch.relu", torch.relu) is None
    assert judge_object(trust, "torch.nn.Parameter", torch.nn.Parameter) is None
    assert "numpy.load" == judge_object(trust, "study_pkg.read", np.load)
    assert "torch.set_default_dtype" == judge_object(trust, "study_pkg.set", torch.set_default_dtype)


class _Calls:
    __call__ = staticmethod(os.system)


class _Adds:
    def __call__(self, number: int) -> int:
        return number + 1


def test_an_instance_is_judged_by_what_calling_it_runs() -> None:
    """Of a class of the project it may be any function; methods of compiled classes count as theirs."""
    trust = Trust(own=("tests", "study_pkg"))
    assert "posix.system" == judge_object(trust, "study_pkg.run", _Calls())
    assert "builtins.type.mro" == judge_object(trust, "study_pkg.mro", type.mro)
    assert "builtins.str.format" == judge_object(trust, "study_pkg.form", "{0.a}".format)
    assert "builtins.dict.fromkeys" == judge_object(trust, "study_pkg.make", dict.fromkeys)
    assert judge_object(trust, "study_pkg.add", _Adds()) is None
    assert judge_object(trust, "study_pkg.layer", torch.nn.ReLU()) is None
    assert judge_object(trust, "study_pkg.part", functools.partial(_Adds)) is None
    assert judge_object(trust, "study_pkg.exp", np.exp) is None
    assert judge_object(trust, "study_pkg.twice", lambda number: 2 * number) is None


def test_object_of_a_package_that_is_worked_on_may_be_called(
    write_tree: WriteTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trusted package that lies outside of the folders of installed ones is like the project's own, once imported, too."""
    monkeypatch.syspath_prepend(str(write_tree(worked_on_pkg="class Plain: ...\ndef make(): ...\n")))
    worked_on = importlib.import_module("worked_on_pkg")
    trust = Trust(own=("study_pkg",), trusted=("worked_on_pkg",))
    assert judge_object(trust, "worked_on_pkg.Plain", worked_on.Plain) is None
    assert judge_object(trust, "worked_on_pkg.make", worked_on.make) is None
    assert "worked_on_pkg.make" == judge_object(Trust(own=("study_pkg",)), "study_pkg.make", worked_on.make)


def test_class_that_a_call_makes_is_judged_by_its_path_and_bases() -> None:
    """`make_dataclass` says that its classes are of the module `types`; what they derive from still counts."""
    trust, here = Trust(("study",)), "study.parts.Size"

    assert judge_object(trust, here, dataclasses.make_dataclass("Size", ["height"])) is None
    assert (
        judge_object(trust, here, dataclasses.make_dataclass("Size", ["height"], bases=(subprocess.Popen,)))
        == here
    )
