"""What no config may name, whoever is trusted: things that run code, read pickles, touch files or the process."""

from __future__ import annotations

from typing import Final

# fmt: off
FORBIDDEN_PACKAGES: Final = frozenset([
    # what composes and instantiates configs can be told by a config to call anything
    "fiddle", "hydra", "hydra_plugins", "hydra_zen", "omegaconf",
    # what starts processes and services, or reads programs
    "IPython", "click", "cloudpickle", "distributed", "fabric", "invoke", "jsonargparse", "mlflow", "numexpr",
    "paramiko", "pexpect", "pip", "pluggy", "plumbum", "psutil", "pytest", "setuptools", "sh", "submitit", "typer",
    "_posixsubprocess", "_thread", "asyncio", "atexit", "bdb", "cProfile", "cffi", "code", "codeop",
    "concurrent", "copyreg", "dill", "faulthandler", "fileinput", "ftplib", "gc", "glob", "http", "imp", "inspect",
    "io", "joblib", "linecache", "mmap", "multiprocessing", "operator", "pdb", "pkgutil", "platform", "profile",
    "pydoc", "requests", "resource", "sched", "shelve", "signal", "site", "smtplib", "socketserver", "ssl",
    "sysconfig", "tarfile", "telnetlib", "tempfile", "test", "threading", "timeit", "trace", "types", "unittest",
    "urllib", "venv", "weakref", "webbrowser", "xmlrpc", "zipapp", "zipfile", "zipimport",
])
"""Top-level packages, beside those of Python itself, of which only what `reviewed` lists may be named."""

FORBIDDEN_PARTS: Final = frozenset([
    "os", "posix", "nt", "posixpath", "ntpath", "sys", "subprocess", "shutil", "builtins", "importlib", "runpy",
    "pickle", "cPickle", "_pickle", "marshal", "ctypes", "pty", "socket",
])
"""Packages after which nobody names a module of their own, so that they are forbidden anywhere in a path:
`torch.os.system` reaches `os` through an import of torch's own."""
# fmt: on

# Lightning's two packages hold the same modules; the lists below name `lightning.*` for both.
FORBIDDEN_MODULES: Final = (
    "lightning.app",
    "lightning.fabric.cli",
    "lightning.fabric.strategies.launchers",
    "lightning.fabric.utilities.cloud_io",
    "lightning.fabric.utilities.consolidate_checkpoint",
    "lightning.fabric.utilities.load",
    "lightning.pytorch.cli",
    "lightning.pytorch.core.saving",
    "lightning.pytorch.demos.lstm",
    "lightning.pytorch.demos.mnist_datamodule",
    "lightning.pytorch.demos.transformer",
    "lightning.pytorch.serve",
    "lightning.pytorch.strategies.launchers",
    "lightning.pytorch.utilities.consolidate_checkpoint",
    "lightning.pytorch.utilities.deepspeed",
    "lightning.pytorch.utilities.migration",
    "lightning.pytorch.utilities.upgrade_checkpoint",
    "serotiny.cli",
    "serotiny.compiler",
    "serotiny.ml_ops",
    "serotiny.tracking",
    "torch.classes",
    "torch.distributed",
    "torch.export",
    "torch.fx",
    "torch.hub",
    "torch.jit",
    "torch.library",
    "torch.multiprocessing",
    "torch.nn.cpp",
    "torch.onnx",
    "torch.ops",
    "torch.package",
    "torch.serialization",
    "torch.storage",
    "torch.testing",
    "torch.utils.benchmark",
    "torch.utils.bottleneck",
    "torch.utils.bundled_inputs",
    "torch.utils.collect_env",
    "torch.utils.cpp_extension",
    "torch.utils.data.datapipes",
    "torch.utils.file_baton",
    "torch.utils.hipify",
    "torch.utils.mkldnn",
    "torch.utils.mobile_optimizer",
    "torch.utils.model_dump",
    "torch.utils.model_zoo",
    "torch.utils.show_pickle",
    "torchaudio.io",
    "torchaudio.utils",
    "torchvision.datasets.utils",
    "torchvision.extension",
    "torchvision.io",
)
"""Modules of packages that are trusted otherwise, with all that is in them."""

FORBIDDEN_PATHS: Final = frozenset(
    {
        *FORBIDDEN_MODULES,
        "torch.compile",
        "torch.from_file",
        "torch.load",
        "torch.save",
        "torchaudio.load",
        "torchaudio.save",
        # reads a pickle of the folder that the config names
        "torchvision.datasets.LSUN",
        "torchvision.datasets.lsun.LSUN",
        "torchvision.datasets.lsun.LSUNClass",
    }
)
"""Single functions, and the modules themselves."""

FORBIDDEN_PREFIXES: Final = (
    *(f"{module}." for module in FORBIDDEN_MODULES),
    # private modules, whose names come and go
    "torch._",
    "torch.utils._",
)

FORBIDDEN_NAMES: Final = frozenset(
    {
        "from_file",
        "load_checkpoint",
        "load_from_checkpoint",
        "load_state_dict_from_url",
        "remove_checkpoint",
        "save_checkpoint",
    }
)
"""Functions and methods, of whatever class, that read or write a file which the config names."""

ALLOWED_PATHS: Final = frozenset({"torch._tensor.Tensor"})
ALLOWED_PREFIXES: Final = (
    "torch.distributed.algorithms.",
    "torch.distributed.device_mesh.",
    "torch.distributed.fsdp.",
    "torch.distributed.optim.",
    "torch.distributed.tensor.",
)
"""What may be of a kind that passes, though it lies below a forbidden prefix."""

FORBIDDEN_BASES: Final = frozenset(
    {
        # make Python source of what they are given, and run it
        "torch.fx.graph_module.GraphModule",
        "torch.jit._script.RecursiveScriptModule",
        "torch.jit._script.ScriptModule",
        # start a program, load a library, or call what a config names, as soon as they are made
        "ctypes.CDLL",
        "lightning.pytorch.cli.LightningCLI",
        "pytorch_lightning.cli.LightningCLI",
        "subprocess.Popen",
    }
)
"""Classes whose children are refused, of whatever kind they are besides."""
