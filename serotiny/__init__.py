"""A compiler for experiment configuration: see https://hydra.cc for the source and `serotiny --help` for the rest.

`compile` gives jobs and diagnostics, `run` runs a plan, `check` compiles a whole project, and `load_model` gives a
trained model back. Each name is imported when it is first used, so that importing serotiny costs nothing.
"""

TYPE_CHECKING = False  # for type checkers, who take it for true; importing `typing` takes milliseconds
if TYPE_CHECKING:
    from serotiny.api.compilation import Compilation
    from serotiny.api.compile import check, compile
    from serotiny.api.errors import ConfigError
    from serotiny.api.plan import Plan
    from serotiny.api.run import run
    from serotiny.diagnostics import Diagnostic, SerotinyError
    from serotiny.ml_ops.job import JobResult
    from serotiny.ml_ops.mlflow_utils import load_config, load_datamodule
    from serotiny.ml_ops.mlflow_utils import load_model_from_checkpoint as load_model

__all__ = [
    "Compilation",
    "ConfigError",
    "Diagnostic",
    "JobResult",
    "Plan",
    "SerotinyError",
    "check",
    "compile",
    "load_config",
    "load_datamodule",
    "load_model",
    "run",
]

_HOMES = {
    "Compilation": "serotiny.api.compilation:Compilation",
    "ConfigError": "serotiny.api.errors:ConfigError",
    "Diagnostic": "serotiny.diagnostics:Diagnostic",
    "JobResult": "serotiny.ml_ops.job:JobResult",
    "Plan": "serotiny.api.plan:Plan",
    "SerotinyError": "serotiny.diagnostics:SerotinyError",
    "check": "serotiny.api.compile:check",
    "compile": "serotiny.api.compile:compile",
    "load_config": "serotiny.ml_ops.mlflow_utils:load_config",
    "load_datamodule": "serotiny.ml_ops.mlflow_utils:load_datamodule",
    "load_model": "serotiny.ml_ops.mlflow_utils:load_model_from_checkpoint",
    "run": "serotiny.api.run:run",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, _, attribute = home.partition(":")
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
