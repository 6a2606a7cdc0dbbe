"""SER111 for what the launcher of Ray hands on to Ray, which refuses it, or waits for ever, when the sweep has begun."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from serotiny.compiler.tree import Keys, Node, join
from serotiny.diagnostics import Diagnostic, closest
from serotiny.targets import SignatureReader, TargetSignature
from serotiny.targets.value_types.words import value_in_words

_LAUNCHER: Final = "hydra_plugins.hydra_ray_launcher.ray_launcher.RayLauncher"
_PARTS: Final = ("init", "remote")
_OF_A_TASK: Final = (
    *("num_cpus", "num_gpus", "memory", "resources", "max_calls", "max_retries", "retry_exceptions"),
    *("num_returns", "runtime_env", "scheduling_strategy", "accelerator_type", "label_selector", "name"),
)
"""The options of a task; further ones differ between versions of Ray."""
_LEAST: Final = {"num_cpus": 0, "num_gpus": 0, "memory": 0, "max_calls": 0, "max_retries": -1}
"""The numbers among the arguments, each with the least that Ray takes."""
_OWN: Final = (None, "local")
"""The addresses with which Ray is started on this machine, with the resources that `init` names."""
_MOST_ALIKE: Final = 0.75


def refused_by_ray(keys: Keys, launcher: Node, reader: SignatureReader) -> Iterator[Diagnostic]:
    """What Ray would not take of `init` and `remote`, and what a job asks for and is never given.

    Args:
        keys: where the launcher stands.
        launcher: its node.
        reader: reads what `ray.init` takes.
    """
    target, ray = launcher.get("_target_"), launcher.get("ray")
    if target is None or target.value != _LAUNCHER or ray is None or not ray.is_mapping:
        return
    for name, node in ray.children():
        if name not in _PARTS:
            message = f"`{join((*keys, 'ray'))}` has no key `{name}`, and nothing reads it"
            meant, fix = closest(str(name), _PARTS), "it has `init` and `remote`"
            key = join((*keys, "ray", name))
            yield Diagnostic(
                "SER111", message, node.blame_key(), key, suggestion=meant, help=None if meant else fix
            )
    for part in _PARTS:
        yield from _of_part((*keys, "ray", part), ray.get(part), _names(part, reader))
    yield from _never_given((*keys, "ray"), ray)


def _names(part: str, reader: SignatureReader) -> list[str]:
    if part == "remote":
        return [*_OF_A_TASK]
    signature = reader.read("ray.init")
    return [item.name for item in signature.parameters] if isinstance(signature, TargetSignature) else []


def _of_part(keys: Keys, part: Node | None, names: list[str]) -> Iterator[Diagnostic]:
    for name, node in part.children() if part is not None and part.is_mapping else ():
        key, value = join((*keys, name)), node.value
        meant = closest(str(name), names, _MOST_ALIKE) if name not in names else None
        if meant is not None:
            message = f"`{name}` is not an argument of `ray.{keys[-1]}`"
            yield Diagnostic("SER111", message, node.blame_key(), key, suggestion=meant)
        least = _LEAST.get(str(name))
        if least is None or value is None or node.is_secret:
            continue
        if isinstance(value, str | bool):
            message = f"`{key}` must be a number, not {value_in_words(value)}"
            yield Diagnostic("SER111", message, node.place, key, help="write one, such as `1`")
        elif isinstance(value, int | float) and value < least:
            message = f"`{key}` must be at least {least}, not {value}"
            yield Diagnostic("SER111", message, node.place, key, help="write one that is, such as `1`")


def _never_given(keys: Keys, ray: Node) -> Iterator[Diagnostic]:
    """A job that asks for more than Ray is started with, for which it waits without an end."""
    init, remote = ray.get("init"), ray.get("remote")
    if init is None or remote is None or _value(init, "address") not in _OWN:
        return
    for name in ("num_cpus", "num_gpus"):
        asked, there = _value(remote, name), _value(init, name)
        if _is_number(asked) and _is_number(there) and asked > there >= 0:
            key = join((*keys, "remote", name))
            message = f"`{key}` is {asked}, and Ray is started with {there}: the jobs would wait for ever"
            fix = f"raise `{join((*keys, 'init', name))}`, or ask for less"
            yield Diagnostic("SER111", message, remote.value[name].place, key, help=fix)


def _value(part: Node, name: str) -> Any:
    node = part.get(name)
    return None if node is None else node.value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
