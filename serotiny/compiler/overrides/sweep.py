"""Expand a sweep into its jobs, as Hydra's own sweeper does."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from math import prod

from serotiny.compiler.hydra.errors import Rejected, TooMany
from serotiny.compiler.limits import MAX_SWEEP_JOBS
from serotiny.compiler.overrides.argument import Argument, parse_arguments
from serotiny.compiler.overrides.effect import replaced_in_sweep
from serotiny.compiler.overrides.quoting import for_shell
from serotiny.compiler.overrides.sweep_values import interval_probes, range_end, sweep_values
from serotiny.compiler.overrides.sweeper import Sweeper
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.override import Glob, Interval, Range
from serotiny.compiler.syntax.override import Sweep as Swept
from serotiny.diagnostics import Diagnostic, Place


@dataclass(frozen=True)
class SweepJob:
    """One job of a sweep: its overrides as typed, and those not about Hydra as the sweeper spells them."""

    overrides: tuple[str, ...]
    key: tuple[str, ...]


@dataclass(frozen=True)
class Sweep:
    """The jobs of a sweep, in the sweeper's order.

    Attributes:
        jobs: those that are compiled; of a sampling sweeper, enough that each value occurs.
        typed: the arguments that they come from.
        params: where those stand that were not typed.
        faults: SER106, and SER317 for what a later override of the same key replaces.
    """

    jobs: tuple[SweepJob, ...]
    typed: tuple[str, ...]
    params: Mapping[str, Place]
    faults: tuple[Diagnostic, ...]

    def as_typed(self, place: Place) -> Place:
        """A place in one job's override, as a place in the argument that the sweep was typed as."""
        typed = as_typed(place, self.typed)
        return self.params.get(typed.override, typed) if typed.override is not None else typed


def without_sweeps(overrides: Sequence[str]) -> list[str]:
    """What all jobs of a sweep have in common; of a key that is given twice the last counts."""
    last = {argument.parsed.key_with_sign: argument for argument in parse_arguments(overrides)[0]}
    return [argument.text for argument in last.values() if not argument.parsed.sweeps]


def expand_sweep(
    overrides: Sequence[str], sources: Sources, sweeper: Sweeper | None = None, most: int | None = None
) -> Sweep:
    """The jobs that a sweeper makes of overrides.

    Of a key that is given twice the last counts, as in Hydra's own sweeper. Of a range to draw from
    (`interval`) both ends are tried, and a value between them.

    Args:
        overrides: those of the call.
        sources: the configs of the project.
        sweeper: what the config says of it; Hydra's own without settings unless given.
        most: where given, up to so many jobs in which each value occurs, in place of all; of a range of numbers its
            ends and one between them.

    Returns:
        The jobs, and SER106 for each argument that is no override, that sweeps over Hydra's own settings, or
        that its sweeper cannot use; SER317 for what a later one replaces.
    """
    sweeper = sweeper or Sweeper()
    typed = (*(text for text, _ in sweeper.params), *overrides)
    arguments, faults = parse_arguments(typed)
    faults.extend(sweeper.faults)
    faults.extend(
        _stands_still(argument) for argument in arguments if _has_one_step(argument.parsed.sweep, sweeper)
    )
    # what the sweeper itself is set to is meant to be overridden
    faults.extend(replaced_in_sweep(parse_arguments(overrides)[0]))
    lists: dict[str, list[tuple[str, str]]] = {}
    tried: dict[str, list[tuple[str, str]]] = {}
    for argument in arguments:
        values = _values(argument, sources, sweeper)
        if isinstance(values, Diagnostic):
            faults.append(values)
        else:
            lists[argument.parsed.key_with_sign] = values
            tried[argument.parsed.key_with_sign] = _sampled(values, argument, sources)
    own = {argument.parsed.key_with_sign for argument in arguments if argument.is_hydra}
    takes_all = sweeper.takes_all and most is None
    of_each = list((lists if most is None else tried).values())
    rows = product(*lists.values()) if takes_all else islice(_each_value(of_each), most)
    if sweeper.takes_all and (too_many := _too_many(lists, arguments)) is not None:
        faults.append(too_many)
        rows = islice(rows, 1 if most is None else min(1, most))
    jobs: list[SweepJob] = []
    for row in rows:
        spelt = zip(lists, row, strict=True)
        jobs.append(
            SweepJob(tuple(text for text, _ in row), tuple(job[1] for key, job in spelt if key not in own))
        )
    return Sweep(tuple(jobs), typed, dict(sweeper.params), tuple(faults))


def _too_many(
    lists: Mapping[str, Sequence[tuple[str, str]]], arguments: Sequence[Argument]
) -> Diagnostic | None:
    """SER121 where there are too many jobs, at the argument with the most values."""
    count = prod(map(len, lists.values()))
    if count <= MAX_SWEEP_JOBS:
        return None
    key = max(lists, key=lambda name: len(lists[name]))
    most = next(argument for argument in arguments if argument.parsed.key_with_sign == key)
    message = f"the sweep comes to {count:,} jobs, and {MAX_SWEEP_JOBS:,} are possible"
    return Diagnostic("SER121", message, most.value_place, most.parsed.key_or_group)


def _sampled(values: list[tuple[str, str]], argument: Argument, sources: Sources) -> list[tuple[str, str]]:
    """Those values of an argument that tell of all: of a range of numbers, its ends and one between them."""
    if not isinstance(argument.parsed.sweep, Range) or sources.options(argument.parsed.key_or_group):
        return values
    ordered = sorted(values, key=lambda value: float(value[0].partition("=")[2]))  # it may be shuffled
    return [*dict.fromkeys((ordered[0], ordered[len(ordered) // 2], ordered[-1]))]


def _each_value(lists: Sequence[Sequence[tuple[str, str]]]) -> Iterator[tuple[tuple[str, str], ...]]:
    """As many rows as the longest list is long: each value of each list occurs."""
    for index in range(max((len(values) for values in lists), default=1)):
        yield tuple(values[index % len(values)] for values in lists)


def _values(argument: Argument, sources: Sources, sweeper: Sweeper) -> list[tuple[str, str]] | Diagnostic:
    """The overrides that an argument takes one after the other: as typed, and as a sweeper spells them."""
    override = argument.parsed
    key = override.key_with_sign
    if override.sweep is None:
        if override.spelling is None:
            message = f"a part of `{argument.text}` is a sweep, which only the whole value can be"
            return Diagnostic("SER106", message, argument.value_place, override.key_or_group)
        # Hydra's BasicSweeper writes plain overrides anew too, with its own quotes
        return [(argument.text, f"{key}={override.spelling}")]
    if argument.is_hydra:
        message = (
            f"`{override.key_or_group}` cannot be swept over: Hydra's settings are those of the whole sweep"
        )
        swept = key.lstrip("+").removeprefix("hydra.sweeper.params.")
        fix = "give it one value; what each job has of its own goes into `hydra.sweep.subdir`"
        if swept != key.lstrip("+"):
            value = argument.text.partition("=")[2]
            fix = f"give what is swept over as an override itself: `-m {for_shell(f'{swept}={value}')}`"
        return Diagnostic("SER106", message, argument.value_place, override.key_or_group, help=fix)
    if isinstance(override.sweep, Interval):
        if sweeper.takes_all:
            message = f"`{argument.text}` is a range to draw from, which Hydra's own sweeper cannot"
            fix = "list the values, or choose a sweeper that draws: `hydra/sweeper=optuna`"
            return Diagnostic("SER106", message, argument.value_place, override.key_or_group, help=fix)
        texts = [f"{key}={value}" for value in interval_probes(override.sweep)]
        return _undrawable(argument, sweeper) or [(text, text) for text in texts]
    options = sources.options(override.key_or_group) if isinstance(override.sweep, Glob) else ()
    try:
        values = sweep_values(override.sweep, options)
    except Rejected as error:
        code = "SER121" if isinstance(error, TooMany) else "SER106"
        message = f"`{argument.text}` cannot be swept over: {error}"
        less = "name fewer values, or sweep in several calls" if code == "SER121" else _HOW_TO_SWEEP
        return Diagnostic(code, message, argument.value_place, override.key_or_group, help=less)
    if (fault := _undrawable(argument, sweeper)) is not None:
        return fault
    end = range_end(override.sweep) if sweeper.is_optuna else None
    texts = [f"{key}={value}" for value in (*values, *(() if end is None else (end,)))]
    return [(text, text) for text in texts] if texts else _nothing_to_sweep(argument, sources)


def _has_one_step(sweep: Swept | None, sweeper: Sweeper) -> bool:
    """Whether a range of decimals is no longer than the step that it has where none is written."""
    if not isinstance(sweep, Range) or all(isinstance(end, int) for end in (sweep.start, sweep.stop)):
        return False
    length = sweep.stop - sweep.start
    # to Optuna the end is one of the values
    return sweep.step == 1 and (0 < length < 1 or (length == 1 and not sweeper.is_optuna))


def _stands_still(argument: Argument) -> Diagnostic:
    """SER317, a warning, for a range of decimals of which a sweep tries its start alone."""
    sweep, key = argument.parsed.sweep, argument.parsed.key_with_sign
    assert isinstance(sweep, Range)
    message = f"`{argument.text}` tries {sweep.start} alone: its step is 1"
    step = (sweep.stop - sweep.start) / _EXAMPLE_STEPS
    fix = f"write a step, as in `{for_shell(f'{key}=range({sweep.start},{sweep.stop},{step:.2g})')}`"
    place, name = argument.value_place, argument.parsed.key_or_group
    return Diagnostic(
        "SER317", message, place, name, help=f"{fix}, or list the values, with commas between them"
    )


_EXAMPLE_STEPS = 4
_HOW_TO_SWEEP = "write the values with commas between them, or `range(START,END,STEP)`"


def _undrawable(argument: Argument, sweeper: Sweeper) -> Diagnostic | None:
    """SER106 for a range that the sweeper, which is to choose from it, cannot use."""
    fault = fix = None
    match argument.parsed.sweep:
        case Interval(start=start, end=end) if start > end:
            fault, fix = f"begins at {start}, above its end", f"write the smaller one first: {end}, {start}"
        case Interval(start=start, end=end) if not (math.isfinite(start) and math.isfinite(end)):
            fault, fix = "has no end", "begin and end with numbers"
        case Interval() if sweeper.lists_values:
            fault = "is a range to draw from, and a grid tries values that it can list"
            fix = "write `range(…)` or `choice(…)`, or choose another sampler, as in `hydra/sweeper/sampler=tpe`"
        case Interval(start=start, is_log=True) if sweeper.is_optuna and start <= 0:
            fault, fix = f"is logarithmic, and begins at {start}", "begin above 0"
        case Range(start=start, stop=stop, step=step, shuffled=False) if sweeper.is_optuna and (
            start > stop or step <= 0
        ):
            fault, fix = "goes down, and Optuna takes ranges that go up", "write the smaller end first"
        case _:
            return None
    key = argument.parsed.key_or_group
    return Diagnostic("SER106", f"`{argument.text}` {fault}", argument.value_place, key, help=fix)


def _nothing_to_sweep(argument: Argument, sources: Sources) -> Diagnostic:
    key, signed = argument.parsed.key_or_group, argument.parsed.key_with_sign
    names = ", ".join(f"`{name}`" for name in sources.options(key))
    notes = (f"`{key}` has {names}",) if names else ()
    message = f"`{argument.text}` gives no value to sweep over"
    match argument.parsed.sweep:
        case Range(start=start, stop=stop, step=step):
            fix = f"a range goes from its start up to its end, which it leaves out: `{signed}=range(1,5)` is 1 to 4"
            if start != stop:
                fix = f"write `{for_shell(f'{signed}=range({start},{stop},{-step})')}`: its step leads away from its end"
        case Glob():
            fix = "write a pattern that options match" if names else f"`{key}` is no group with options"
        case _:
            fix = "list the values, with commas between them"
    return Diagnostic("SER106", message, argument.value_place, key, help=fix, notes=notes)


def as_typed(place: Place, arguments: Sequence[str]) -> Place:
    """A place in one job's override, as a place in the argument that the sweep was typed as.

    A value that stands in the argument word for word is found there; for one that does not (a range, a
    glob), the whole of what was typed behind `=` is at fault.
    """
    job_text = place.override
    if job_text is None or job_text in arguments:
        return place
    key, _, value = job_text.partition("=")
    typed = next((text for text in arguments if text.partition("=")[0] == key), None)
    if typed is None or place.column is None or place.end_column is None:
        return place
    if place.column <= len(key):
        return replace(place, override=typed)
    start = _position(value, typed, len(key) + 1)
    if start is None:
        return replace(place, override=typed, column=len(key) + 2, end_column=len(typed) + 1)
    shift = start - (len(key) + 1)
    return replace(place, override=typed, column=place.column + shift, end_column=place.end_column + shift)


def _position(value: str, typed: str, start: int) -> int | None:
    """Where an element stands in a list of choices, between brackets or commas; counted from 0."""
    match = re.compile(rf"(?<![^=,(\s]){re.escape(value)}(?![^,)\s])").search(typed, start)
    return match.start() if match else None
