"""Which targets a config may name: decided before anything is imported."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

TRUSTED_PACKAGES: Final = (
    "serotiny",
    "torch",
    "torchvision",
    "torchaudio",
    "torchmetrics",
    "pytorch_lightning",
    "lightning",
    # where pytorch_lightning and lightning keep what they share
    "lightning_fabric",
)

Verdict = Literal["untrusted", "forbidden"]

# Modules of the standard library that run code, start processes, read pickles, touch files or the interpreter.
_FORBIDDEN_PACKAGES: Final = frozenset(
    [
        "_posixsubprocess",
        "_thread",
        "asyncio",
        "atexit",
        "bdb",
        "cffi",
        "cloudpickle",
        "code",
        "codeop",
        "concurrent",
        "copyreg",
        "dill",
        "faulthandler",
        "fileinput",
        "ftplib",
        "functools",
        "gc",
        "glob",
        "http",
        "imp",
        "inspect",
        "io",
        "joblib",
        "linecache",
        "mmap",
        "multiprocessing",
        "operator",
        "pdb",
        "pkgutil",
        "platform",
        "profile",
        "cProfile",
        "pydoc",
        "requests",
        "resource",
        "sched",
        "shelve",
        "signal",
        "site",
        "smtplib",
        "socketserver",
        "ssl",
        "sysconfig",
        "tarfile",
        "telnetlib",
        "tempfile",
        "test",
        "threading",
        "timeit",
        "trace",
        "types",
        "unittest",
        "urllib",
        "venv",
        "weakref",
        "webbrowser",
        "xmlrpc",
        "zipapp",
        "zipfile",
        "zipimport",
    ]
)
# Those of them that no package would name a module of its own after, wherever they stand in a path:
# `torch.os.system` reaches `os` through an import of torch's own.
_FORBIDDEN_PARTS: Final = frozenset(
    [
        "os",
        "posix",
        "nt",
        "posixpath",
        "ntpath",
        "sys",
        "subprocess",
        "shutil",
        "builtins",
        "importlib",
        "runpy",
        "pickle",
        "cPickle",
        "_pickle",
        "marshal",
        "ctypes",
        "pty",
        "socket",
    ]
)

_FORBIDDEN_PATHS: Final = (
    # packages and functions of trusted packages that run code, read pickles, touch files or processes;
    # a `*` stands for any number of parts
    "torch.load",
    "torch.save",
    "torch.compile",
    "torch.from_file",
    "torch.hub.*",
    "torch.serialization.*",
    "torch.jit.*",
    "torch.package.*",
    "torch.export.*",
    "torch.fx.*",
    "torch.onnx.*",
    "torch.ops.*",
    "torch.classes.*",
    "torch.library.*",
    "torch.storage.*",
    "torch.multiprocessing.*",
    "torch.distributed.*",
    "torch.testing.*",
    "torch.profiler.*",
    "torch.autograd.profiler.*",
    "torch.utils.cpp_extension.*",
    "torch.utils.model_zoo.*",
    "torch.utils.collect_env.*",
    "torch.utils.bottleneck.*",
    "torch.utils.show_pickle.*",
    "torch.utils.model_dump.*",
    "torch.utils.file_baton.*",
    "torch.utils.hipify.*",
    "torch.utils.bundled_inputs.*",
    "torch.utils.mobile_optimizer.*",
    "torch.utils.dlpack.*",
    "torch.utils.data.datapipes.*",
    "torch.utils.benchmark.*",
    "torch._*",
    "torch.utils._*",
    "torchvision.datasets.utils.*",
    "torchvision.io.*",
    "torchvision.extension.*",
    "torchaudio.load",
    "torchaudio.save",
    "torchaudio.utils.*",
    "torchaudio.io.*",
    "lightning.app.*",
    "lightning.fabric.cli.*",
    "lightning.fabric.utilities.cloud_io.*",
    "lightning.fabric.utilities.load.*",
    "lightning.fabric.utilities.consolidate_checkpoint.*",
    "lightning.pytorch.cli.*",
    "lightning.pytorch.core.saving.*",
    "lightning.pytorch.utilities.consolidate_checkpoint.*",
    "lightning.pytorch.utilities.deepspeed.*",
    "lightning.pytorch.utilities.migration.*",
    "lightning.pytorch.utilities.upgrade_checkpoint.*",
    "serotiny.cli.*",
    "serotiny.ml_ops.*",
    "serotiny.tracking.*",
    # reads a checkpoint that a config names, and with it a pickle
    "*.load_from_checkpoint",
    "*.load_state_dict_from_url",
)

# Classes and functions below a forbidden prefix that only compute.
_ALLOWED_PATHS: Final = frozenset(
    {
        "torch._tensor.Tensor",
        "torch.utils.data.distributed.DistributedSampler",
    }
)
_ALLOWED_PREFIXES: Final = (
    # the canonical homes of public classes and of compiled functions
    "torch._C.",
    "torch._linalg_utils.",
    "torch._lowrank.",
    "torch._lobpcg.",
    "torch.distributed.optim.",
    "torch.distributed.fsdp.",
    "torch.distributed.algorithms.",
)
_FORBIDDEN_COMPILED: Final = re.compile(r"torch\._C\._")

_SAME_PACKAGE: Final = (
    ("pytorch_lightning.", "lightning.pytorch."),
    ("lightning_fabric.", "lightning.fabric."),
)


@dataclass(frozen=True, slots=True)
class Trust:
    """The packages that a config may name targets of, beside those that everybody trusts.

    A package named here is trusted as a whole, but what is forbidden stays so.
    """

    trusted: tuple[str, ...] = ()

    def judge(self, path: str, canonical: str | None = None) -> Verdict | None:
        """Whether a target may be named.

        Args:
            path: as the config has it.
            canonical: where it is defined, when that could be read; it must be acceptable as well.

        Returns:
            None when it may; `forbidden` or `untrusted` otherwise.
        """
        names = [path] if canonical is None else [path, canonical]
        if any(self._is_forbidden(name) for name in names):
            return "forbidden"
        return None if all(self._is_trusted(name) for name in names) else "untrusted"

    def _is_trusted(self, name: str) -> bool:
        return any(
            name == package or name.startswith(f"{package}.")
            for package in (*TRUSTED_PACKAGES, *self.trusted)
        )

    def _is_forbidden(self, name: str) -> bool:
        if not name.isascii():
            # Python folds look-alike letters into one identifier, and a list of strings does not
            return True
        parts = name.split(".")
        if not all(part.isidentifier() for part in parts):
            return True
        if parts[0] in _FORBIDDEN_PACKAGES or _FORBIDDEN_PARTS & set(parts):
            return True
        if any(part.startswith("__") for part in parts):
            return True
        plain = _in_one_namespace(name)
        if plain in _ALLOWED_PATHS or plain.startswith(_ALLOWED_PREFIXES):
            return bool(_FORBIDDEN_COMPILED.match(plain))
        return any(pattern.fullmatch(plain) for pattern in _PATTERNS)


def _in_one_namespace(name: str) -> str:
    """Lightning's two packages hold the same modules: one list speaks for both."""
    for own, common in _SAME_PACKAGE:
        if name.startswith(own):
            return common + name[len(own) :]
    return name


def _pattern(text: str) -> re.Pattern[str]:
    if text.endswith(".*"):
        return re.compile(re.escape(text[:-2]) + r"(\..*)?")
    return re.compile(re.escape(text).replace(r"\*", ".*"))


_PATTERNS: Final = tuple(map(_pattern, _FORBIDDEN_PATHS))
