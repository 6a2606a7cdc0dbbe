"""Which targets a config may name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from serotiny.targets import SignatureReader, TargetSignature, Trust

if TYPE_CHECKING:
    from tests.unit.targets.conftest import WriteTree

HARMLESS = [
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
    "hydra.utils.get_method",
    "sklearn.linear_model.LinearRegression",
    "torchvision_evil.Model",
    "study_pkg_evil.Model",
    "logging.getLogger",
]


def _judge(path: str, trusted: tuple[str, ...] = ("study_pkg",)) -> str | None:
    found = SignatureReader().read(path)
    canonical = found.path if isinstance(found, TargetSignature) else None
    return Trust(trusted).judge(path, canonical)


@pytest.mark.parametrize("path", HARMLESS)
def test_target_of_a_trusted_package_may_be_named(path: str) -> None:
    """The project's own package and the usual ones are trusted, wherever they define a class."""
    assert _judge(path) is None


@pytest.mark.parametrize("path", FORBIDDEN)
def test_dangerous_target_is_forbidden(path: str) -> None:
    """What runs code, reads pickles, touches files or the process is refused, in whatever package it lies."""
    assert "forbidden" == _judge(path)


@pytest.mark.parametrize("path", FORBIDDEN)
def test_trust_does_not_lift_what_is_forbidden(path: str) -> None:
    """Trusting the package by name changes nothing."""
    assert "forbidden" == _judge(path, (path.partition(".")[0], "hydra", "os", "builtins"))


@pytest.mark.parametrize("path", UNTRUSTED)
def test_other_package_is_untrusted_until_it_is_named(path: str) -> None:
    """A package is trusted by its whole name, not by a prefix of letters."""
    assert "untrusted" == _judge(path)
    assert _judge(path, (path.partition(".")[0],)) is None


def test_import_of_a_dangerous_function_is_seen_through(write_tree: WriteTree) -> None:
    """Re-exported under a harmless name in the project itself, it is what it is."""
    root = write_tree(
        study_pkg="from os import system as train\nfrom torch import load as read\nimport numpy as np"
    )
    reader = SignatureReader([root])
    verdicts = []
    for name in ("train", "read", "np.load"):
        found = reader.read(f"study_pkg.{name}")
        assert isinstance(found, TargetSignature)
        verdicts.append(Trust(("study_pkg",)).judge(f"study_pkg.{name}", found.path))
    assert ["forbidden", "forbidden", "untrusted"] == verdicts


def test_submodule_of_a_trusted_name_is_trusted() -> None:
    """Trust can be given to a part of a package."""
    trust = Trust(("hydra.utils",))
    assert trust.judge("hydra.utils.get_class") is None
    assert "untrusted" == trust.judge("hydra.main")
