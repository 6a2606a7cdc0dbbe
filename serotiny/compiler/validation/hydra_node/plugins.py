"""Values that launchers, sweepers and samplers refuse, in part only when a sweep has begun."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from serotiny.compiler.limits import MAX_PROCESSES, MAX_SWEEP_JOBS
from serotiny.compiler.target_nodes import HYDRA_KEYS
from serotiny.compiler.tree import Keys, Node, Unknown, every, join
from serotiny.diagnostics import Diagnostic, closest
from serotiny.targets.value_types.words import kind_in_words, value_in_words

_SIZE: Final = re.compile(r"\d+|[\d.]+[KMG]")
_NO_JOBS: Final = re.compile(r"-\s*[\d.]+|0+|0?\.\d+")
_DISPATCH: Final = re.compile(r"all|(?:n_jobs|[\d\s.+*/%()-])+")


@dataclass(frozen=True)
class _Demand:
    """What a parameter must be, in words and as a test."""

    wanted: str
    is_met: Callable[[Any], bool]
    words: tuple[str, ...] = ()
    fix: str | None = None
    example: str = ""


def _at_least(least: int, fix: str | None = None) -> _Demand:
    return _Demand(
        f"at least {least}",
        lambda value: not _is_number(value) or value >= least,
        fix=fix,
        example=str(least),
    )


def _between(least: int, most: int) -> _Demand:
    wanted = f"between {least} and {most:,}"
    return _Demand(wanted, lambda value: not _is_number(value) or least <= value <= most, example=str(least))


def _one_of(*words: str) -> _Demand:
    listed = " or ".join(f"`{word}`" for word in words)
    return _Demand(listed, lambda value: value in words, words)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _is_direction(value: Any) -> bool:
    given = value if isinstance(value, list) else [value]
    return all(isinstance(item, Enum | Unknown) or item in _DIRECTIONS for item in given)


def _is_batch_size(value: Any) -> bool:
    return value == "auto" or (str(value).isdecimal() and int(value) > 0)


def _is_weight(value: Any) -> bool:
    return not _is_number(value) or 0 <= value < math.inf


def _is_dispatch(value: Any) -> bool:
    text = str(value).strip()
    return _DISPATCH.fullmatch(text) is not None and not _NO_JOBS.fullmatch(text)


_LOCAL: Final = "hydra_plugins.hydra_submitit_launcher.submitit_launcher.LocalLauncher"
_DIRECTIONS: Final = ("minimize", "maximize")
_SHARE: Final = _Demand(
    "between 0 and 1", lambda value: not _is_number(value) or 0 <= value <= 1, example="0.5"
)
_MADE: Final = _Demand(
    "a mapping with `_target_`, or null",
    lambda value: isinstance(value, dict),
    fix="leave it out, or write a mapping with `_target_`",
)
_DEMANDS: Final[Mapping[str, Mapping[str, _Demand]]] = MappingProxyType(
    {
        "hydra._internal.core_plugins.basic_sweeper.": {
            "max_batch_size": _at_least(1, "write `null` for all jobs in one batch")
        },
        "hydra_plugins.hydra_optuna_sweeper.": {
            "direction": _Demand(
                "`minimize` or `maximize`, or a list of them", _is_direction, words=_DIRECTIONS
            ),
            "n_trials": _between(1, MAX_SWEEP_JOBS),
            "n_jobs": _between(1, MAX_PROCESSES),
            "max_failure_rate": _SHARE,
            "storage": _Demand(
                "the URL of a database",
                lambda value: not isinstance(value, str) or "://" in value,
                fix="write one as `sqlite:///study.db`, or `null` to keep the study in memory",
            ),
        },
        "hydra_plugins.hydra_joblib_launcher.": {
            "n_jobs": _Demand(
                f"a number of processes up to {MAX_PROCESSES:,}, or -1 for all processors",
                lambda value: not _is_number(value) or (value != 0 and value <= MAX_PROCESSES),
                example="2",
            ),
            "prefer": _one_of("processes", "threads"),
            "require": _Demand(
                "null: the launcher always makes processes", lambda _: False, fix="leave it out"
            ),
            "batch_size": _Demand("`auto` or a number from 1", _is_batch_size, example="auto"),
            "pre_dispatch": _Demand(
                "`all`, a number from 1, or an expression such as `2*n_jobs`",
                _is_dispatch,
                example="2*n_jobs",
            ),
            "max_nbytes": _Demand(
                "a size in bytes, as `50M`",
                lambda value: _SIZE.fullmatch(str(value)) is not None,
                example="50M",
            ),
            "timeout": _Demand("above 0", lambda value: not _is_number(value) or value > 0, example="60"),
        },
        "hydra_plugins.hydra_submitit_launcher.": {
            "timeout_min": _at_least(1),
            "array_parallelism": _at_least(1),
            **{
                name: _at_least(0)
                for name in ("mem_gb", "gpus_per_node", "signal_delay_s", "max_num_timeout")
            },
            **{name: _between(1, MAX_PROCESSES) for name in ("nodes", "tasks_per_node", "cpus_per_task")},
        },
        _LOCAL: {"nodes": _Demand("1 on this machine alone", lambda value: value == 1, example="1")},
        "optuna.samplers.": {
            "population_size": _at_least(2),
            "mutation_prob": _SHARE,
            "crossover_prob": _SHARE,
            "swapping_prob": _SHARE,
            "seed": _between(0, 2**32 - 1),
            "n_ei_candidates": _at_least(1),
            "n_ehvi_candidates": _at_least(1),
            "prior_weight": _Demand("at least 0, and finite", _is_weight, example="1.0"),
            "sigma0": _Demand("a number", lambda value: value == value, example="0.5"),
            "restart_strategy": _one_of("ipop"),
            **dict.fromkeys(("constraints_func", "independent_sampler", "source_trials"), _MADE),
        },
        "optuna.samplers.MOTPESampler": {
            "prior_weight": _Demand(
                "above 0, and finite", lambda value: _is_weight(value) and value != 0, example="1.0"
            )
        },
    }
)
"""By the start of a target's path; null, where Hydra's types let it through, is right everywhere."""


_OF_LOCAL: Final = frozenset(
    {
        *("submitit_folder", "timeout_min", "cpus_per_task", "gpus_per_node", "tasks_per_node", "mem_gb"),
        *("nodes", "name", "stderr_to_stdout", "max_num_timeout"),
        *("setup", "signal_delay_s", "visible_gpus"),  # which its config has not, and some versions take
    }
)


def refused_values(keys: Keys, part: Node) -> Iterator[Diagnostic]:
    """SER111 for the values of a launcher, sweeper or sampler that its code does not take."""
    target = part.get("_target_")
    if target is None or not isinstance(target.value, str):
        return
    for name, setting in part.children() if target.value == _LOCAL else ():
        if name not in _OF_LOCAL and name not in HYDRA_KEYS:
            message = f"`{name}` is not a setting of submitit's local executor"
            meant, key = closest(str(name), _OF_LOCAL), join((*keys, name))
            fix = None if meant else "take it out, or choose `hydra/launcher=submitit_slurm`"
            yield Diagnostic("SER111", message, setting.blame_key(), key, suggestion=meant, help=fix)
    demands: dict[str, _Demand] = {}
    for start, of_start in _DEMANDS.items():
        if target.value.startswith(start):
            demands |= of_start
    for name, demand in demands.items():
        node = part.get(name)
        value = Unknown() if node is None else node.plain()
        if node is None or isinstance(value, Unknown | None) or demand.is_met(value):
            continue
        key = join((*keys, name))
        shown = str(value) if _is_number(value) else value_in_words(value)
        suggestion = _word_meant(value, demand.words) if isinstance(value, str) else None
        if any(inner.is_secret for inner in every(node)):
            shown, suggestion = kind_in_words(value), None
        message = f"`{key}` must be {demand.wanted}, not {shown}"
        example = demand.example or (demand.words[0] if demand.words else None)
        fix = None if suggestion else demand.fix or (example and f"write one that is, such as `{example}`")
        yield Diagnostic("SER111", message, node.place, key, suggestion=suggestion, help=fix)


def _word_meant(value: str, words: tuple[str, ...]) -> str | None:
    """The word that a value is the beginning of, or is like."""
    begun = [word for word in words if value and word.startswith(value.lower())]
    return begun[0] if len(begun) == 1 else closest(value, words)
