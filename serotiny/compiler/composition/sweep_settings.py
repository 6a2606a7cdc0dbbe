"""What Hydra's own settings say about a sweep, and settings that a single job of a sweep cannot change."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from enum import Enum
from typing import Any, Final

from serotiny.compiler.composition.chosen_at import place_of_choice
from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.composition.search_space import drawn_override
from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.overrides.argument import parse_arguments
from serotiny.compiler.overrides.sweep import Sweep
from serotiny.compiler.overrides.sweeper import Sweeper
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.other_forms import meant_interval
from serotiny.compiler.tree import Node, Unknown, select
from serotiny.diagnostics import DEFAULT, NOWHERE, Diagnostic, Place

BASIC_SWEEPER: Final = "hydra._internal.core_plugins.basic_sweeper.BasicSweeper"
_OPTUNA: Final = "hydra_plugins.hydra_optuna_sweeper."
_GRID: Final = "optuna.samplers.GridSampler"
_OF_ALL_JOBS = ("launcher", "sweeper", "callbacks")
"""Settings of which Hydra makes an object once, before the jobs."""

_SWEEP: Final = frozenset({"MULTIRUN", "RunMode.MULTIRUN", 2})
"""The spellings of `hydra.mode` that OmegaConf reads as a sweep: by name, by full name, by value."""


def asks_for_sweep(hydra: Node | None) -> bool:
    """Whether `hydra.mode`, in Hydra's resolved node, asks for a sweep, as `-m` does."""
    node = hydra.get("mode") if hydra is not None else None
    mode = node.value.name if node is not None and isinstance(node.value, Enum) else node and node.value
    return isinstance(mode, str | int) and mode in _SWEEP


def sweeper_of(hydra: Node | None) -> Sweeper:
    """The sweeper that Hydra's resolved node asks for."""
    node = hydra.get("sweeper") if hydra is not None else None
    if node is None:
        return Sweeper()
    if not node.is_mapping:  # of a plug-in that is not installed here; most of those sample
        return Sweeper(takes_all=False)
    target = node.get("_target_")
    params = node.get("params")
    path = target.value if target is not None else BASIC_SWEEPER
    is_optuna = isinstance(path, str) and path.startswith(_OPTUNA)
    texts: list[tuple[str, Place]] = []
    faults: list[Diagnostic] = []
    for key, value in params.value.items() if params is not None and params.is_mapping else ():
        if value.is_mapping and value.value:
            # another sweeper may take mappings there
            faults += [_nested_param(key, value)] if is_optuna or path == BASIC_SWEEPER else []
        elif not isinstance(value.value, Unknown | None):
            texts.append((f"{key}={value.plain()}", value.written_at))
    space = node.get("search_space") if is_optuna else None
    for key, value in space.value.items() if space is not None and space.is_mapping else ():
        drawn = drawn_override(key, value)
        if isinstance(drawn, Diagnostic):
            faults.append(drawn)
        elif drawn is not None:
            texts.append((drawn, value.written_at))
    sampler = select(node, ("sampler", "_target_"))
    return Sweeper(
        takes_all=path == BASIC_SWEEPER,
        is_optuna=is_optuna,
        lists_values=is_optuna and sampler is not None and sampler.value == _GRID,
        params=tuple(texts),
        faults=tuple(faults),
    )


def _nested_param(key: Hashable, node: Node) -> Diagnostic:
    """SER106 for a mapping in `params`, whose keys are whole keys of the config."""
    name = f"{HYDRA}.sweeper.params.{key}"
    drawn = meant_interval(node.logged())
    path, value = [key], node
    while drawn is None and value.is_mapping and value.value:
        step, value = next(value.children())
        path.append(step)
    written = drawn or (
        value.value if isinstance(value.value, str | int | float) and not value.is_secret else "…"
    )
    fix = (
        f"write `{'.'.join(map(str, path))}: {written}`: a key of it is a whole key of the config, with dots"
    )
    return Diagnostic(
        "SER106", f"`{name}` is a mapping, which no job takes", node.blame_key(), name, help=fix
    )


def ignored_settings(job: Composed, common: Composed, sources: Sources) -> Iterator[Diagnostic]:
    """SER112 for settings of a job that Hydra takes from the whole sweep alone."""
    for name in _OF_ALL_JOBS if job.hydra is not None else ():
        if _settings(job, name) == _settings(common, name):
            continue
        message = f"`{HYDRA}.{name}` is that of the whole sweep, and what one of its jobs chooses is ignored"
        fix = f"choose it for the whole sweep, as in `{HYDRA}/{name}=…` on the command line"
        yield Diagnostic("SER112", message, place_of_setting(job, name, sources), f"{HYDRA}.{name}", help=fix)


def draws_nothing(job: Composed, hydra: Node | None, sweep: Sweep, sources: Sources) -> Diagnostic | None:
    """SER317, a warning, for a study of Optuna's in which nothing is drawn, so that each of its jobs is the same."""
    node = hydra.get("sweeper") if hydra is not None else None
    if node is None or not sweeper_of(hydra).is_optuna:
        return None
    asked = [node.get(name) for name in ("params", "search_space", "custom_search_space")]
    if any(part is not None and part.value for part in asked):
        return None
    if any(argument.parsed.sweeps for argument in parse_arguments(sweep.typed)[0]):
        return None
    trials = node.get("n_trials")
    count = f"{trials.value} jobs" if trials is not None and isinstance(trials.value, int) else "jobs"
    message = f"the sweeper has nothing to draw from: each of its {count} is the same"
    fix = "say what is drawn, as in `-m 'trainer.max_epochs=range(5,50)'`"
    place = place_of_setting(job, "sweeper", sources)
    return Diagnostic("SER317", message, place, f"{HYDRA}.sweeper", help=fix)


def _settings(composed: Composed, name: str) -> Any:
    return composed.hydra.tree.value[name].plain() if composed.hydra is not None else None


def place_of_setting(job: Composed, name: str, sources: Sources) -> Place:
    """The place where a job chooses, for instance, its launcher: an override, a defaults entry, or the value."""
    configs = (config_path for config_path, _ in reversed(job.order))
    chosen_at = place_of_choice(f"{HYDRA}/{name}", job.arguments, configs, sources)
    if chosen_at is not None:
        return chosen_at
    node = select(job.hydra.tree, (name,)) if job.hydra is not None else None
    return node.blame_key() if node is not None and node.blame_key() != DEFAULT else NOWHERE
