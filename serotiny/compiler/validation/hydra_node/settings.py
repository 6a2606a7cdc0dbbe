"""Check Hydra's own node: launchers, sweepers, callbacks, logging, environment, folders.

Hydra instantiates these before our job starts, when it is too late for a check, so only known ones are allowed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from serotiny.compiler.checks.secret import secret_in_name, written_secrets
from serotiny.compiler.target_nodes import HYDRA_KEYS, via
from serotiny.compiler.tree import Keys, Node, Unknown, join, select, walk
from serotiny.compiler.validation.hydra_node.plugins import refused_values
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.compiler.validation.secret_values import as_written
from serotiny.diagnostics import Diagnostic, closest
from serotiny.filesystem import is_file
from serotiny.schemas.rules.locations import fault_of_log_path, fault_of_output_path, fault_of_study_uri
from serotiny.schemas.rules.log_formats import fault_of_log_format
from serotiny.schemas.rules.logging_settings import faults_of_logging
from serotiny.targets import TargetSignature

_PLUGINS: Final = ("hydra._internal.core_plugins.", "hydra_plugins.", "optuna.samplers.", "optuna.pruners.")
_CALLBACKS: Final = frozenset(
    f"hydra.experimental.{module}.{name}"
    for module in ("callbacks", "pickle_job_info_callback")
    for name in ("LogJobReturnCallback", "PickleJobInfoCallback")
) | {"hydra.experimental.callback.Callback"}
_LOGGING: Final = frozenset(
    {
        "colorlog.ColoredFormatter",
        "colorlog.StreamHandler",
        "colorlog.TTYColoredFormatter",
        "logging.FileHandler",
        "logging.Filter",
        "logging.Formatter",
        "logging.NullHandler",
        "logging.StreamHandler",
        "logging.handlers.MemoryHandler",
        "logging.handlers.RotatingFileHandler",
        "logging.handlers.TimedRotatingFileHandler",
        "logging.handlers.WatchedFileHandler",
        "pythonjsonlogger.json.JsonFormatter",
        "pythonjsonlogger.jsonlogger.JsonFormatter",
        "rich.logging.RichHandler",
    }
)
_IMPORTED: Final = frozenset({"json_default", "json_encoder", "json_serializer"})
"""Arguments of formatters of JSON that are functions, or paths of functions."""

_FORMATS: Final = ("format", "fmt")
_EXTERNAL: Final = frozenset({"ext://sys.stdout", "ext://sys.stderr"})
_VARIABLE: Final = re.compile(
    r"""
    # what the loader of programs, shells and interpreters go by
      LD_\w+ | DYLD_\w+ | GLIBC_TUNABLES | GCONV_PATH | LOCPATH | MALLOC_\w+ | PATH | HOME | SHELL | ENV | IFS | PS4 | CDPATH | FPATH
    | BASH_\w+ | (?:BASH|SHELL)OPTS | PROMPT_COMMAND | ZDOTDIR | PERL\w+ | RUBY\w+ | NODE_\w+ | JAVA_\w+ | _JAVA_\w+
    | PYTHON(?!(?:DONTWRITEBYTECODE|FAULTHANDLER|HASHSEED|UNBUFFERED)\b)\w* | CLASSPATH | R_\w+ | LUA_\w+ | JULIA_\w+ | VIRTUAL_ENV | CONDA_\w+ | PIP_\w+ | UV_\w+ | COVERAGE_PROCESS_\w+
    | PYTEST_\w+ | PYSPARK_\w+ | SPARK_HOME | HADOOP_\w+ | DASK_\w+ | WANDB__\w+
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
_OF_ENVIRONMENT: Final = re.compile(r"\$\{\s*oc\.env\s*:\s*(?P<name>\w+)\s*(?:,\s*(?P<default>[^{}]*))?\}")
_FUNCTION: Final = ("sweeper", "custom_search_space")
"""The key of the function that Optuna's sweeper imports by its path, and calls for each trial."""
_STUDY: Final = ("sweeper", "storage")
"""The key of the database in which Optuna's sweeper keeps its study."""
_KEY_OF_JOB: Final = re.compile(r"\$\{\s*[\w.\[\]]+\s*\}")
_HOLDS_NUL: Final = ("holds the character U+0000, which no system takes", "write it without that character")
_NO_NAME: Final = (
    "cannot be set: that is no name of an environment variable",
    "name it with letters, digits and `_`",
)
_LONGEST_NAME: Final = 255
_LONG_NAME: Final = (
    f"names a file or folder with more than {_LONGEST_NAME} bytes, which no system takes",
    "shorten it; `hydra.job.config.override_dirname.exclude_keys` leaves overrides out of `${hydra:job.override_dirname}`",
)
_NAMES: Final = (("job", "name"),)
_FOLDERS: Final = (("run", "dir"), ("sweep", "dir"), ("sweep", "subdir"), ("output_subdir",))


def judge_hydra_settings(
    settings: Node, project_root: PurePosixPath, judge: TargetJudge, *, is_whole: bool = True
) -> list[Diagnostic]:
    """Check Hydra's own node, resolved as far as is possible before a job.

    Args:
        settings: the node.
        project_root: where files may be written.
        judge: judges targets.
        is_whole: whether the options that it is made of are all there; a plug-in that is not installed has more of it.

    Returns:
        SER111 for unknown parameters and impossible values of a launcher or sweeper and for what is no name of a log, SER505 for targets, modules and variables that are
        not allowed there, SER503 for credentials, and for those in the names of folders, SER506 for files that would be written outside of the allowed folders.
    """
    found = _Judgement(project_root, judge, is_whole)
    return [
        *found.targets(settings),
        *found.parameters(settings),
        *found.verbosity(settings),
        *found.logging(settings),
        *found.environment(settings),
        *found.folders(settings),
        *found.secrets(settings),
    ]


@dataclass(frozen=True)
class _Judgement:
    root: PurePosixPath
    judge: TargetJudge
    is_whole: bool

    def targets(self, settings: Node) -> Iterator[Diagnostic]:
        for keys, node in walk(settings):
            if keys == _FUNCTION and node.value is not None and not self._is_own(node.value):
                what = "a study is changed by functions of the project alone"
                yield self._refused(keys, node, f"`{_shown(node)}` may not be named by a config", what)
            if not keys or keys[-1] != "_target_":
                continue
            target = node.value
            if keys[0] in ("launcher", "sweeper"):
                allowed = isinstance(target, str) and target.startswith(_PLUGINS) and "__" not in target
                what = "launchers and sweepers are plugins that are installed"
            else:
                allowed = target in _CALLBACKS if isinstance(target, str) else False
                what = "callbacks are Hydra's own, or the project's"
            if not allowed and not self._is_own(target):
                yield self._refused(keys, node, f"`{_shown(node)}` may not be named by a config", what)

    def verbosity(self, settings: Node) -> Iterator[Diagnostic]:
        """What `verbose` may be, which Hydra's schema leaves open and its code asserts."""
        node = settings.get("verbose")
        if node is None or isinstance(node.value, bool | str | Unknown):
            return
        names = [child.value for _, child in node.children()] if node.is_list else [node.value]
        if not node.is_list or not all(isinstance(name, str | Unknown) for name in names):
            message = "`hydra.verbose` must be true, false, or names of logs"
            fix = "write `true` for all of them, or `[serotiny]` for some"
            yield Diagnostic("SER111", message, node.place, "hydra.verbose", help=fix)

    def parameters(self, settings: Node) -> Iterator[Diagnostic]:
        """Unknown parameters of a launcher or sweeper, and impossible values; Hydra's own schemas check the types."""
        for name in ("launcher", "sweeper"):
            part = settings.get(name)
            target = part.get("_target_") if part is not None else None
            if part is None or target is None or not isinstance(target.value, str):
                continue
            yield from refused_values(("hydra", name), part)
            if (sampler := part.get("sampler")) is not None:
                yield from refused_values(("hydra", name, "sampler"), sampler)
            signature = self.judge.reader.read(target.value)
            if not isinstance(signature, TargetSignature) or signature.open:
                continue
            for key, node in part.children():
                if key not in HYDRA_KEYS and signature.parameter(str(key)) is None:
                    message = f"`{key}` is not a parameter of {target.value}"
                    names = [item.name for item in signature.parameters]
                    key_path = f"hydra.{name}.{key}"
                    suggestion = closest(str(key), names)
                    yield Diagnostic("SER111", message, node.blame_key(), key_path, suggestion=suggestion)

    def logging(self, settings: Node) -> Iterator[Diagnostic]:
        for section in ("job_logging", "hydra_logging"):
            part = settings.get(section)
            for below, node in walk(part) if part is not None else ():
                keys, value = (section, *below), node.value
                name = keys[-1]
                where = "may not be named in a logging configuration"
                if name == ".":  # sets any attribute of the object
                    fix = "give what it takes as parameters"
                    yield self._refused(
                        keys, node, "attributes may not be set in a logging configuration", fix
                    )
                # in `logging.config`, `()` is a factory and `ext://` a path to import
                elif name in ("class", "()") and not (isinstance(value, str) and value in _LOGGING):
                    if not self._is_own(value):
                        fix = f"there are {', '.join(sorted(_LOGGING))}, and classes of the project's own"
                        yield self._refused(keys, node, f"`{_shown(node)}` {where}", fix)
                elif isinstance(value, str) and value.startswith("ext://") and value not in _EXTERNAL:
                    fix = "there are `ext://sys.stdout` and `ext://sys.stderr`"
                    yield self._refused(keys, node, f"`{value}` {where}", fix)
                elif name in _IMPORTED and isinstance(value, str | Unknown):
                    fix = "leave it out, or write a formatter of the project's own"
                    yield self._refused(keys, node, f"`{name}` imports what it names, and {where[4:]}", fix)
                elif name == "filename":
                    yield from self._location(keys, node, fault_of_log_path)
            yield from self._formats((section,), part)
            if self.is_whole and part is not None and part.is_mapping:
                yield from self._logging_faults(section, part)

    def _logging_faults(self, section: str, part: Node) -> Iterator[Diagnostic]:
        """SER111 for what Python's own reading of the configuration would raise at."""
        for keys, fault, fix in faults_of_logging(part.plain()):
            node, key = select(part, keys) or part, join(("hydra", section, *keys))
            told = Diagnostic("SER111", f"`{key}`: {fault}", node.place, key, help=fix, notes=via(node))
            yield from as_written([told], part)

    def _formats(self, keys: Keys, part: Node | None) -> Iterator[Diagnostic]:
        """SER505 for formats that ask more of a record than its fields."""
        for below, node in walk(part) if part is not None else ():
            style = node.get("style")
            for name in _FORMATS:
                text = node.get(name)
                if text is None or not isinstance(text.value, str | Unknown):
                    continue
                if (fault := _format_fault(text, style)) is not None:
                    key = (*keys, *below, name)
                    fix = "name fields plainly, as in `{levelname:<8} {message}`"
                    yield self._refused(key, text, f"`{_shown(text)}` {fault}", fix)

    def environment(self, settings: Node) -> Iterator[Diagnostic]:
        given = select(settings, ("job", "env_set"))
        for name, node in given.children() if given is not None else ():
            if _VARIABLE.fullmatch(str(name)):
                message = f"a config may not set the environment variable `{name}`"
                fix = "it decides what programs load, trust or send: set it where you start the job"
                yield self._refused(("job", "env_set", name), node, message, fix)
            elif not str(name) or "=" in str(name) or "\0" in str(name):
                yield self._unusable(("job", "env_set", name), node, _NO_NAME)
            elif "\0" in str(node.value):
                yield self._unusable(("job", "env_set", name), node, _HOLDS_NUL)
            elif node.reference is not None and node.reference.secret:
                yield from self._mixed(("job", "env_set", name), node, node.reference.text)

    @staticmethod
    def _mixed(keys: Keys, node: Node, text: str) -> Iterator[Diagnostic]:
        """SER111: Hydra resolves this value without the job's config, and we do not write a secret into it."""
        if _KEY_OF_JOB.search(text):
            key = join(("hydra", *keys))
            message = f"`{key}` cannot hold both the environment and a value of the config: `{text}`"
            fix = "set two variables, or one in the shell"
            yield Diagnostic("SER111", message, node.written_at, key, help=fix)

    @staticmethod
    def secrets(settings: Node) -> Iterator[Diagnostic]:
        """SER503 for what is written out here, or swept over; overrides of the call are told where they set something."""
        for name, part in settings.children():
            if name != "overrides":
                yield from written_secrets(part, ("hydra", name))
        params = select(settings, ("sweeper", "params"))
        for key, node in params.children() if params is not None else ():
            name = join(("hydra", "sweeper", "params", key))
            yield from secret_in_name(name, node, "the overrides of a sweep are stored and shown as they are")

    def folders(self, settings: Node) -> Iterator[Diagnostic]:
        for keys in _FOLDERS:
            node = select(settings, keys)
            if node is not None:
                yield from self._location(keys, node, fault_of_output_path)
                yield from self._resolved_twice(keys, node)
                yield from self._file_in_the_way(keys, node)
                yield from secret_in_name(join(("hydra", *keys)), node)
        for keys in (*_FOLDERS, *_NAMES):
            node = select(settings, keys)
            if node is not None and "\0" in str(node.value):
                yield self._unusable(keys, node, _HOLDS_NUL)
            elif node is not None and _has_long_name(_as_far_as_known(node)):
                yield self._unusable(keys, node, _LONG_NAME)
        study = select(settings, _STUDY)
        if study is not None and "://" in str(_as_far_as_known(study)):
            yield from self._location(_STUDY, study, fault_of_study_uri)
        for keys in _NAMES:
            node = select(settings, keys)
            if node is not None and isinstance(node.value, str) and "/" in node.value:
                key = join(("hydra", *keys))
                message = f"`{key}` is `{_shown(node)}`, and files are named by it"
                yield Diagnostic("SER506", message, node.place, key, help="leave out the `/`")

    @staticmethod
    def _resolved_twice(keys: Keys, node: Node) -> Iterator[Diagnostic]:
        """SER111: Hydra makes a folder of this name, and resolves the name again to write into the folder."""
        if isinstance(node.value, str) and "${" in node.value:
            key = join(("hydra", *keys))
            message = (
                f"`{key}` is `{_shown(node)}`, in which Hydra resolves the `${{` once more when a job starts"
            )
            fix = "write a name without `${`"
            yield Diagnostic("SER111", message, node.written_at, key, help=fix)

    def _file_in_the_way(self, keys: Keys, node: Node) -> Iterator[Diagnostic]:
        """SER111: a folder can be made neither in the place of a file nor below one."""
        text = _as_far_as_known(node)
        if not isinstance(text, str) or keys[-1] != "dir":
            return
        known = text.partition("${")[0]
        # where more follows, the last part is not whole
        path = PurePosixPath(known if known == text else known.rpartition("/")[0])
        file = next((part for part in (path, *path.parents) if is_file(Path(self.root / part))), None)
        if file is not None:
            key = join(("hydra", *keys))
            message = f"`{key}` is `{_shown(node)}`, and `{file}` is a file"
            fix = "name a folder, which is made if it does not exist"
            yield Diagnostic("SER111", message, node.place, key, help=fix)

    def _location(
        self, keys: Keys, node: Node, fault_of: Callable[[str, PurePosixPath], str | None]
    ) -> Iterator[Diagnostic]:
        text = _as_far_as_known(node)
        fault = fault_of(text, self.root) if isinstance(text, str) else None
        if fault is not None:
            key = join(("hydra", *keys))
            fix = "files are written below the project, your home folder, or a folder for data"
            yield Diagnostic(
                "SER506", f"`{key}` is `{_shown(node)}`, which {fault}", node.place, key, help=fix
            )

    def _is_own(self, target: Any) -> bool:
        """Whether a target is code of the project itself."""
        if not isinstance(target, str):
            return False
        found = self.judge.judge(("hydra",), Node(target))
        return not isinstance(found, list) and self.judge.trust.is_own(found.path, found)

    @staticmethod
    def _unusable(keys: Keys, node: Node, fault_and_fix: tuple[str, str]) -> Diagnostic:
        """SER111 for what Python cannot hand to the system, which Hydra would do before a job starts."""
        key = join(("hydra", *keys))
        fault, fix = fault_and_fix
        return Diagnostic("SER111", f"`{key}` {fault}", node.place, key, help=fix)

    @staticmethod
    def _refused(keys: Keys, node: Node, message: str, fix: str) -> Diagnostic:
        return Diagnostic("SER505", message, node.place, join(("hydra", *keys)), help=fix)


def _format_fault(text: Node, style: Node | None) -> str | None:
    named = "%" if style is None else style.value
    if isinstance(text.value, str):
        # of a style that is known only inside a job the one that could do most
        return fault_of_log_format(text.value, "{" if isinstance(named, Unknown) else named)
    return None if named == "%" else "is known only inside a job, and may reach into fields there"


def _as_far_as_known(node: Node) -> Any:
    """The value; of a value known only inside a job its text, with variables of the environment filled in."""
    if node.reference is None or not isinstance(node.value, Unknown):
        return node.value
    return _OF_ENVIRONMENT.sub(
        lambda found: os.environ.get(found["name"], found["default"] or ""), node.reference.text
    )


def _has_long_name(path: Any) -> bool:
    """Whether a part of a path that is known in full is longer than the usual file systems take."""
    if not isinstance(path, str):
        return False
    return any(
        len(part.encode("utf-8", "surrogatepass")) > _LONGEST_NAME and "${" not in part
        for part in path.split("/")
    )


def _shown(node: Node) -> Any:
    """The value; one known only inside a job, or from the environment or the clock, as it was written."""
    written = node.reference
    if written is not None and (isinstance(node.value, Unknown) or written.secret or "${now" in written.text):
        return written.text
    return node.value
