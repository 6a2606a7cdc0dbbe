"""SER103, SER106: overrides that choose options, and that Hydra refuses or does not follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from serotiny.compiler.defaults.configs import WrittenEntry
from serotiny.compiler.defaults.errors import (
    ChosenTwice,
    MustChoose,
    NothingToDelete,
    NothingToOverride,
)
from serotiny.compiler.defaults.faults.wording import (
    headline,
    in_folder_above,
    interpolation_help,
    option_meant,
    options_of,
)
from serotiny.compiler.hydra.errors import Rejected
from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.overrides.argument import Argument
from serotiny.compiler.overrides.quoting import for_shell
from serotiny.compiler.sources.sources import Sources
from serotiny.diagnostics import Diagnostic

_SAMPLER: Final = "hydra/sweeper/sampler"


def bad_argument(
    argument: Argument, verdict: Rejected, sources: Sources, others: Sequence[Argument]
) -> Diagnostic:
    """SER103 or SER106 for an override that is refused with `verdict`; `others` are those beside it."""
    group = argument.parsed.key_or_group
    code = "SER106" if argument.parsed.adds or sources.is_group(group) else "SER103"
    if argument.parsed.adds and isinstance(verdict, ChosenTwice):
        message = f"an option of `{group}` is chosen already"
    elif argument.parsed.value is None and not argument.parsed.deletes:
        message = f"an option of `{group}` is a name, not null"
    else:
        message = headline(verdict)
    fix = _argument_help(argument, verdict, sources, others)
    return Diagnostic(code, message, argument.key_place, group, help=fix)


def _argument_help(
    argument: Argument, verdict: Rejected, sources: Sources, others: Sequence[Argument]
) -> str | None:
    group, parsed = argument.parsed.key_or_group, argument.parsed
    if group == HYDRA:
        return (
            "its settings are set one by one, as `hydra.run.dir=…`, and options chosen as `hydra/launcher=…`"
        )
    if verdict.meant and not parsed.deletes:
        return f"write {' or '.join(f'`{key}={parsed.spelling}`' for key in verdict.meant)}"
    if sources.is_group(group) and parsed.value is None and not parsed.deletes:
        return f"write `~{parsed.key_with_sign.lstrip('+')}` to choose nothing"
    if argument.text.startswith("++"):
        return f"write `{for_shell(argument.text[2:])}`, or `{for_shell(argument.text[1:])}` where nothing is chosen yet"
    if parsed.adds and isinstance(verdict, ChosenTwice):
        return _one_choice(argument, others)
    if isinstance(verdict, NothingToDelete):
        if verdict.chosen:
            return f"write `~{verdict.key}`: `{verdict.chosen}` is chosen"
        meant = " or ".join(f"`~{key}`" for key in verdict.meant)
        return f"write {meant}" if meant else "take it out: nothing is chosen there"
    if isinstance(verdict, MustChoose):
        return options_of(verdict.key or group, sources)
    if sources.is_group(group) and not parsed.adds and isinstance(verdict, NothingToOverride):
        return _how_to_add(argument, sources)
    return interpolation_help(verdict)


def _how_to_add(argument: Argument, sources: Sources) -> str:
    """How to choose in a group in which nothing is chosen, with an option that there is."""
    group, option, text = argument.parsed.key_or_group, argument.parsed.value, argument.text
    if group == _SAMPLER:
        return f"choose the sweeper that has it as well: `hydra/sweeper=optuna {for_shell(text)}`"
    options = sources.all_options(group)
    found = in_folder_above(group, option, sources)
    if found is not None and text == f"{group}={option}":
        as_one = f"write `{'='.join(found)}` to choose an option of `{found[0]}`"
        return f"{as_one}, or `{for_shell(f'+{text}')}` to add the group"
    if not isinstance(option, str) or "/" in option or "${" in option or option in options:
        return f"write `{for_shell(f'+{text}')}` to add the group"
    meant = option_meant(option, options)
    if meant is not None:
        return f"write `{for_shell(f'+{group}={meant}')}` to add the group"
    has = ", ".join(f"`{name}`" for name in options)
    return f"write `+{group}=…` to add the group, which has {has}"


def _one_choice(argument: Argument, others: Iterable[Argument]) -> str:
    """How to choose once in a group in which an addition chooses again."""
    group, asked = argument.parsed.key_or_group, argument.parsed.value
    added = [
        other.parsed.value for other in others if other.parsed.adds and other.parsed.key_or_group == group
    ]
    if asked in added:
        return "take one of the two out"
    if added and all(isinstance(option, str) for option in (*added, asked)):
        both = f"+{group}=[{','.join(map(str, (*added, asked)))}]"
        return f"write `{for_shell(both)}` to choose both"
    return f"write `{argument.text.lstrip('+')}` to choose another option"


def not_chosen(argument: Argument, chosen: str | None, written: Iterable[WrittenEntry]) -> Diagnostic:
    """SER106 for an option added by `+group=option` that an `override` in a file, or in the call, replaces."""
    group = argument.parsed.key_or_group
    places = [
        str(item.entry.place)
        for item in written
        if item.entry.override and item.entry.group_path(item.config_path) == group
    ]
    by, fix = "a defaults list", "take the `override` entry out of the file, or choose that option there"
    if not places:
        by, fix = f"`{group}={chosen}`", "give one of the two"
    message = f"`{argument.text}` is not what runs: {by} overrides it with `{chosen}`"
    notes = tuple(f"`override {group}: {chosen}` at {place}" for place in places)
    return Diagnostic("SER106", message, argument.value_place, group, help=fix, notes=notes)
