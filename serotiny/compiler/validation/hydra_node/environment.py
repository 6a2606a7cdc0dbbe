"""Check the variables that Hydra sets in the environment of a job."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from serotiny.compiler.tree import Keys, Node, join, select
from serotiny.compiler.validation.hydra_node.telling import HOLDS_NUL, refused, unusable
from serotiny.diagnostics import Diagnostic

_VARIABLE: Final = re.compile(
    r"""
    # what the loader of programs, shells and interpreters go by
      LD_\w+ | DYLD_\w+ | GLIBC_TUNABLES | GCONV_PATH | LOCPATH | MALLOC_\w+ | PATH | HOME | SHELL | ENV | IFS | PS4 | CDPATH | FPATH
    | BASH_\w+ | (?:BASH|SHELL)OPTS | PROMPT_COMMAND | ZDOTDIR | PERL\w+ | RUBY\w+ | NODE_\w+ | JAVA_\w+ | _JAVA_\w+
    | PYTHON(?!(?:DONTWRITEBYTECODE|FAULTHANDLER|HASHSEED|UNBUFFERED)\b)\w* | CLASSPATH | R_\w+ | LUA_\w+ | JULIA_\w+ | VIRTUAL_ENV | CONDA_\w+ | PIP_\w+ | UV_\w+ | COVERAGE_PROCESS_\w+
    | PYTEST_\w+ | PYSPARK_\w+ | SPARK_HOME | HADOOP_\w+ | DASK_\w+ | WANDB__(?!SERVICE_WAIT\b)\w+
    # programs that others start
    | \w*EDITOR | VISUAL | BROWSER | \w*PAGER | LESS\w+ | \w*ASKPASS | GIT_\w+ | SSH_\w+ | TERM\w+
    # compilers, and what is built or loaded where it was cached
    | CXX | CC | \w*FLAGS | CPATH | \w*_INCLUDE_PATH | \w*LIBRARY_PATH | NVCC\w* | CMAKE_\w+ | NINJA\w* | CUDA_(?:HOME|PATH|ROOT)
    | CUDA_INJECTION\w+ | \w*PLUGINS? | \w*PLUGIN_PATH | \w*TOOL_LIBRARIES | OPENSSL_\w+ | \w*_MODULES | TRITON_\w+ | NUMBA_(?!NUM_THREADS\b)\w+
    | CUPY_\w+ | JAX_COMPILATION_CACHE_DIR | TORCHINDUCTOR_\w+ | TORCH_EXTENSIONS_DIR | TORCH_HOME | TORCH_DEVICE_BACKEND_AUTOLOAD
    | TORCH_FORCE_\w+ | HF_MODULES_CACHE | KERAS_HOME | OCL_ICD_\w+ | VK_\w+ | \w*_DRIVER_PATH | \w*_MODULE_(?:DIR|FILE)
    | MPL\w+ | MATPLOTLIBRC | FSSPEC_\w+ | IPYTHON\w+ | JUPYTER\w+
    # where settings and credentials are looked for, and where temporary files are made
    | XDG_\w+ | TMPDIR | TMP | TEMP | NETRC | \w*_CONFIG_FILE | \w*_CREDENTIALS\w* | AWS_(?!(?:DEFAULT_)?REGION\b)\w+ | AZURE_\w+
    | GOOGLE_\w+ | BOTO_CONFIG | KRB5\w+ | HYDRA_(?!FULL_ERROR\b)\w+ | SEROTINY_\w+ | MLFLOW_\w+
    # files that logs and dumps go to
    | TORCH_LOGS_OUT | TORCH_TRACE | TORCHELASTIC_ERROR_FILE | NCCL_\w*FILE
    # whom to trust, and where to send
    | SSL\w+ | \w*CA_BUNDLE | \w*_PROXY | \w*ENDPOINT\w* | \w*(?:BASE|API|SERVER)_(?:URL|URI|HOST|BASE) | \w*URL_OVERRIDE
    | HOSTALIASES | RES_OPTIONS | LOCALDOMAIN | RAY_ADDRESS | DBUS_\w+ | SENTRY_DSN | NEPTUNE_API_TOKEN | DOCKER_\w+ | KUBECONFIG
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Variables that determine what programs load, trust or send."""
_KEY_OF_JOB: Final = re.compile(r"\$\{\s*[\w.\[\]]+\s*\}")
_NO_NAME: Final = (
    "cannot be set: that is no name of an environment variable",
    "name it with letters, digits and `_`",
)


def environment_faults(settings: Node) -> Iterator[Diagnostic]:
    """SER505 for a variable that a config may not set; SER111 for one that no system takes, or that Hydra cannot resolve."""
    given = select(settings, ("job", "env_set"))
    for name, node in given.children() if given is not None else ():
        if _VARIABLE.fullmatch(str(name)):
            message = f"a config may not set the environment variable `{name}`"
            fix = "it decides what programs load, trust or send: set it where you start the job"
            yield refused(("job", "env_set", name), node, message, fix)
        elif not str(name) or "=" in str(name) or "\0" in str(name):
            yield unusable(("job", "env_set", name), node, _NO_NAME)
        elif "\0" in str(node.value):
            yield unusable(("job", "env_set", name), node, HOLDS_NUL)
        elif node.reference is not None and node.reference.secret:
            yield from _mixed(("job", "env_set", name), node, node.reference.text)


def _mixed(keys: Keys, node: Node, text: str) -> Iterator[Diagnostic]:
    """SER111: Hydra resolves this value without the job's config, and we do not write a secret into it."""
    if _KEY_OF_JOB.search(text):
        key = join(("hydra", *keys))
        message = f"`{key}` cannot hold both the environment and a value of the config: `{text}`"
        fix = "set two variables, or one in the shell"
        yield Diagnostic("SER111", message, node.written_at, key, help=fix)
