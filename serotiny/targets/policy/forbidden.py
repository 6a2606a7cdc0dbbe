"""What no config may name, whoever is trusted: things that run code, read pickles, touch files or the process."""

from __future__ import annotations

from typing import Final

# fmt: off
FORBIDDEN_PACKAGES: Final = frozenset([
    "_posixsubprocess", "_thread", "asyncio", "atexit", "bdb", "cProfile", "cffi", "cloudpickle", "code", "codeop",
    "concurrent", "copyreg", "dill", "faulthandler", "fileinput", "ftplib", "gc", "glob", "http", "imp", "inspect",
    "io", "joblib", "linecache", "mmap", "multiprocessing", "operator", "pdb", "pkgutil", "platform", "profile",
    "pydoc", "requests", "resource", "sched", "shelve", "signal", "site", "smtplib", "socketserver", "ssl",
    "sysconfig", "tarfile", "telnetlib", "tempfile", "test", "threading", "timeit", "trace", "types", "unittest",
    "urllib", "venv", "weakref", "webbrowser", "xmlrpc", "zipapp", "zipfile", "zipimport",
])
"""Top-level packages."""

FORBIDDEN_PARTS: Final = frozenset([
    "os", "posix", "nt", "posixpath", "ntpath", "sys", "subprocess", "shutil", "builtins", "importlib", "runpy",
    "pickle", "cPickle", "_pickle", "marshal", "ctypes", "pty", "socket",
])
"""Packages after which nobody names a module of their own, so that they are forbidden anywhere in a path:
`torch.os.system` reaches `os` through an import of torch's own."""
# fmt: on

# Lightning's two packages hold the same modules; the lists below name `lightning.*` for both.
FORBIDDEN_MODULES: Final = (
    "hydra._internal",
    "hydra.core",
    "lightning.app",
    "lightning.fabric.cli",
    "lightning.fabric.strategies.launchers",
    "lightning.fabric.utilities.cloud_io",
    "lightning.fabric.utilities.consolidate_checkpoint",
    "lightning.fabric.utilities.load",
    "lightning.pytorch.cli",
    "lightning.pytorch.core.saving",
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

ALLOWED_PATHS: Final = frozenset(
    {
        "torch._tensor.Tensor",
        # the compiled module also holds readers of files and of programs, so its values are named one by one
        *(
            f"torch._C.{name}"
            for name in (
                "Event",
                "Generator",
                "Size",
                "Stream",
                "device",
                "dtype",
                "finfo",
                "iinfo",
                "layout",
                "memory_format",
                "qscheme",
            )
        ),
    }
)
ALLOWED_PREFIXES: Final = (
    # where compiled functions and some public classes are defined
    "torch._C._VariableFunctions.",
    "torch._C._fft.",
    "torch._C._linalg.",
    "torch._C._nn.",
    "torch._C._special.",
    "torch._linalg_utils.",
    "torch._lobpcg.",
    "torch._lowrank.",
    "torch.distributed.algorithms.",
    "torch.distributed.device_mesh.",
    "torch.distributed.fsdp.",
    "torch.distributed.optim.",
    "torch.distributed.tensor.",
)
"""What only computes, though it lies below a forbidden prefix."""
