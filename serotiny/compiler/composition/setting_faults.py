"""SER106, SER107 and SER111 for settings of Hydra's that its types refuse, each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from omegaconf import DictConfig, OmegaConf

from serotiny.compiler.composition.setting_forms import how_to_set, member_meant
from serotiny.compiler.hydra.declared import null_mapping_at
from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.hydra.node import Refused, storable
from serotiny.compiler.hydra.own_configs import own_configs
from serotiny.compiler.overrides.apply import how_to_add
from serotiny.compiler.overrides.argument import Argument
from serotiny.compiler.overrides.quoting import for_shell
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.syntax.bad_interpolation import explain_bad
from serotiny.compiler.syntax.override import Override
from serotiny.compiler.tree import Keys, join, nest, select, split
from serotiny.diagnostics import NOWHERE, Diagnostic, closest, did_you_mean
from serotiny.targets.value_types.words import value_in_words


def fault_of_setting(
    item: Refused,
    config: DictConfig,
    sources: Sources,
    arguments: Sequence[Argument],
    refused: Sequence[Diagnostic],
) -> Diagnostic:
    """The diagnostic of a setting that is refused.

    Args:
        item: the setting, and what sets it.
        config: Hydra's node without what is refused.
        sources: the configs of the project.
        arguments: the overrides of Hydra's settings.
        refused: the diagnostics of those that could not be applied to the tree.
    """
    if isinstance(item.by, Override):
        argument = next(one for one in arguments if one.text == item.by.text)
        told = next((fault for fault in refused if fault.place.override == argument.text), None)
        # found in the tree as well, with a place and a suggestion
        if told is not None:
            return _with_way_to_it(told, item.key, config, argument)
        return _fault_of_override(item, config, argument)
    document = sources.document(item.by.config_path)
    tree = nest(split(item.by.package), document.root) if document is not None else None
    node = select(tree, item.key) if tree is not None else None
    key = join(item.key)
    if not _is_known(config, item.key):
        names = _names(config, item.key[:-1])
        message = f"`{key}` is not a setting of Hydra"
        place = node.blame_key() if node is not None else NOWHERE
        meant = closest(str(item.key[-1]), names)
        fix = None if meant else _of_another_plugin(item.key) or _what_there_is(config, item.key)
        return Diagnostic("SER111", message, place, key, help=fix, suggestion=meant)
    place = node.place if node is not None else NOWHERE
    value = None if node is None else node.plain()
    if item.wanted is not None and isinstance(value, str) and storable(value) != value:
        message, fix = explain_bad(value, item.message)
        return Diagnostic("SER206", message, place, key, help=fix)
    below = _names(config, item.key)
    fix, meant = _way_out(key, item, value, below, on_command_line=False)
    return Diagnostic("SER111", _refusal(key, item, value), place, key, help=fix, suggestion=meant)


def _with_way_to_it(told: Diagnostic, key: Keys, config: DictConfig, argument: Argument) -> Diagnostic:
    """The diagnostic of a setting that is not there; of one of a plug-in with the option that has it, or what there is."""
    if told.code != "SER107" or argument.parsed.deletes or told.suggestion is not None:
        return told
    having, parent = _options_with(key), _section(config, key[:-1])
    if having:
        return replace(told, help=f"choose {' or '.join(f'`{name}`' for name in having)}, which has it")
    if isinstance(parent, DictConfig) and OmegaConf.get_type(parent) is dict:
        return replace(told, help=how_to_add(argument.text))
    of_plugin = key[1:2] in (("launcher",), ("sweeper",)) and _names(config, key[:-1])
    return replace(told, help=_what_there_is(config, key)) if of_plugin else told


def _options_with(key: Keys) -> list[str]:
    """The options of a group of Hydra's that have a setting, as an override chooses them."""
    own, having = own_configs(), list[str]()
    for depth in range(2, len(key)):
        group = "/".join(map(str, key[:depth]))
        for option in own.options(group) if own.is_group(group) else ():
            content = own.content(f"{group}/{option}")
            if content is not None and _is_known(content, key[depth:]):
                having.append(f"{group}={option}")
    return having


def _of_another_plugin(key: Keys) -> str | None:
    """What to do about a setting that only options have which are not chosen."""
    having = [name.replace("=", ": ", 1) for name in _options_with(key)]
    if not having:
        return None
    return f"choose the {key[1]} that has it in the same file: `override /{having[0]}`"


def _what_there_is(config: DictConfig, key: Keys) -> str:
    """What to do about a setting that is not there: the one of nearly this name elsewhere, or those beside it."""
    known = [join(keys) for keys in _known(config, (HYDRA,), len(key)) if keys[-1] == key[-1]]
    beside = ", ".join(f"`{name}`" for name in _names(config, key[:-1]) if name != "_target_")
    return did_you_mean(join(key), known) or f"`{join(key[:-1])}` has {beside}"


def _known(config: DictConfig, above: Keys, depth: int) -> Iterator[Keys]:
    for name in _names(config, above):
        yield (*above, name)
        if len(above) + 1 < depth:
            yield from _known(config, (*above, name), depth)


def _fault_of_override(item: Refused, config: DictConfig, argument: Argument) -> Diagnostic:
    key, value = argument.parsed.key_or_group, argument.parsed.value
    message = _refusal(key, item, value)
    fix: str | None = None
    meant: str | None = None
    null = null_mapping_at(config, item.key)
    if argument.parsed.deletes:
        message, fix = f"`{key}` cannot be deleted", f"give it another value: `{key}=…`"
    elif argument.parsed.adds and _is_known(config, item.key) and not isinstance(value, dict | list):
        message, change = f"`{key}` is there already", for_shell(argument.text[1:])
        fix = f"write `{change}` to change it"
    elif null is not None and (isinstance(value, dict) or len(null) < len(item.key)):
        message = f"`{join(null)}` is null, and Hydra lays nothing over that from the command line"
        fix = _in_a_file(null, argument)
    else:
        fix, meant = _way_out(key, item, value, _names(config, item.key), on_command_line=True)
    return Diagnostic("SER106", message, argument.value_place, key, help=fix, suggestion=meant)


def _way_out(
    key: str, item: Refused, value: Any, below: list[str], *, on_command_line: bool
) -> tuple[str | None, str | None]:
    """What to do about a value of another form, and what was meant by it; one of the two."""
    if item.wanted is None:
        return "`serotiny train --cfg hydra` shows what stands there", None
    meant = member_meant(item.wanted, value)
    if meant is not None:
        return None, meant
    return how_to_set(key, item.wanted, value, below, on_command_line=on_command_line), None


def _in_a_file(null: Keys, argument: Argument) -> str:
    """What to do about a mapping that is null, of which a sweeper's is what each job of a sweep is given."""
    below, value = split(argument.parsed.key_or_group)[len(null) :], argument.parsed.value
    swept = [(join(below), value)] if below else [*value.items()] if isinstance(value, dict) else []
    if join(null) == "hydra.sweeper.params" and swept and all(isinstance(item, str) for _, item in swept):
        given = " ".join(for_shell(f"{name}={item}") for name, item in swept)
        return f"give what is swept over as overrides: `-m {given}`; or write it in a file, under the key `hydra`"
    return "write it in a file, under the key `hydra`"


def _refusal(key: str, item: Refused, value: Any) -> str:
    """Why a value is refused: by the type that Hydra declares, or else in the words of OmegaConf."""
    if item.wanted is None:
        return f"`{key}` cannot be set so: {item.message}"
    return f"`{key}` must be {item.wanted}, not {value_in_words(value)}"


def _is_known(config: DictConfig, keys: Keys) -> bool:
    return str(keys[-1]) in _names(config, keys[:-1])


def _names(config: DictConfig, keys: Keys) -> list[str]:
    parent = _section(config, keys)
    return [str(name) for name in parent] if isinstance(parent, DictConfig) else []


def _section(config: DictConfig, keys: Keys) -> Any:
    """What stands at a key; None where that cannot be told."""
    if not keys:
        return config
    return OmegaConf.select(config, ".".join(map(str, keys)), throw_on_resolution_failure=False)
