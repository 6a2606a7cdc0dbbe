"""Check the class of each part's target, and that all of them use the same Lightning package."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import PurePath

from serotiny.compiler.project import Layout
from serotiny.compiler.target_nodes import KINDS, TargetNode, callback_nodes, callbacks_of, signature_name
from serotiny.compiler.tree import Keys, Node, Unknown, join, select
from serotiny.compiler.validation.causes.mistaken_targets import named_otherwise, target_help
from serotiny.compiler.validation.causes.miswritten import is_path
from serotiny.diagnostics import Diagnostic
from serotiny.targets.lightning import (
    Ternary,
    is_called_by_name,
    is_kind,
    lightning_namespace,
    may_give_list,
    only_overrides_hooks,
)
from serotiny.targets.value_types.words import kind_in_words

_OBJECTS = ("data", "model", "trainer")


def check_shapes(root: Node, layout: Layout) -> list[Diagnostic]:
    """SER302 and SER309 for parts and callbacks that are not a mapping with a `_target_`."""
    faults: list[Diagnostic] = []
    for part in _OBJECTS:
        keys = layout.keys(part)
        node = select(root, keys) if keys is not None else None
        group = join(keys or ())
        if node is not None and node.is_mapping and node.get("_target_") is None and not node.incomplete:
            message = f"`{group}` needs `_target_`"
            fix = (
                _repeated(node, keys or ())
                or target_help(node)
                or f"name the class: `_target_: …` (a {KINDS[part]})"
            )
            named = named_otherwise(node)
            place = node.place if named is None else node.value[named].blame_key()
            faults.append(Diagnostic("SER302", message, place, f"{group}._target_", help=fix))
    callbacks = callbacks_of(root, layout)
    one = target_help(callbacks) if callbacks is not None else None
    if callbacks is not None and one is not None:
        message = f"`{layout.callbacks}` must be a list of callbacks or a mapping of named ones"
        return [*faults, Diagnostic("SER309", message, callbacks.place, layout.callbacks, help=one)]
    for keys, node in callback_nodes(root, layout):
        has_target = node.is_mapping and node.get("_target_") is not None
        if not has_target and node.value is not None and not isinstance(node.value, Unknown):
            message = f"`{join(keys)}` must be a callback with `_target_`, not {kind_in_words(node.value)}"
            how = _repeated_callbacks(node, keys) or target_help(node) or _to_name_class(node)
            faults.append(Diagnostic("SER309", message, node.place, join(keys), help=how))
    if callbacks is not None and not isinstance(callbacks.value, dict | list | Unknown | None):
        message = f"`{layout.callbacks}` must be a list of callbacks or a mapping of named ones"
        fix = f"write `NAME: {{_target_: …}}` below it, or choose an option: `{(layout.callbacks or '').replace('.', '/')}=…`"
        faults.append(Diagnostic("SER309", message, callbacks.place, layout.callbacks, help=fix))
    return faults


def _repeated(node: Node, keys: Keys) -> str | None:
    """What to do about a part whose file begins with the part's own name again; None where it does not."""
    inner = node.get(keys[-1]) if keys else None
    target = inner.get("_target_") if inner is not None else None
    if inner is None or target is None:
        return None
    if len(node.value) > 1 and target.place.file != node.place.file:
        option = PurePath(target.place.file or "").stem
        return f"an entry of the same group stands in its defaults list without a slash: `- {option}`"
    return f"take `{keys[-1]}:` out: what a file of this group holds is the content of `{keys[-1]}` already"


def _repeated_callbacks(node: Node, keys: Keys) -> str | None:
    """What to do about callbacks that stand below the name of their group again; None where they do not."""
    named = keys[-1] == "callbacks" and any(child.get("_target_") for _, child in node.children())
    return (
        "take `callbacks:` out: what a file of this group holds are the callbacks already" if named else None
    )


def _to_name_class(node: Node) -> str | None:
    """How to name the class of a callback that has none, or is written as its name alone; None for a list."""
    if node.is_list:
        return None
    path = node.value if isinstance(node.value, str) and is_path(node.value) else "…"
    return f"name the class below it: `_target_: {path}`"


def check_kinds(
    root: Node, found: Mapping[Keys, TargetNode], layout: Layout, own: Collection[str | None]
) -> list[Diagnostic]:
    """SER306 for a part whose target is certainly not of the required class.

    Args:
        root: the whole config.
        found: the targets in it.
        layout: where the parts are.
        own: the packages of the project; one that has a trainer of its own needs nothing of Lightning's.
    """
    if not layout.is_own and _has_own_trainer(found, layout, own):
        return []
    places: list[tuple[str, Keys]] = [(part, keys) for part, keys in layout.places if part in _OBJECTS]
    places += [("callbacks", keys) for keys, _ in callback_nodes(root, layout)]
    loggers = (*trainer, "logger") if (trainer := layout.keys("trainer")) is not None else None
    # a single node, or a list of nodes
    places += [("logger", keys) for keys in found if loggers and loggers in (keys, keys[:-1])]
    faults: list[Diagnostic] = []
    for part, keys in places:
        node = found.get(keys)
        if node is not None and keys == layout.keys("callbacks") and may_give_list(node.signature):
            continue
        if node is not None and layout.is_own and node.node.get("_partial_") is not None and node.is_partial:
            message = (
                f"`{join(keys)}` must be a {KINDS[part]}, and `_partial_` makes a function that gives one"
            )
            place, fix = node.node.value["_partial_"].place, "take `_partial_: true` out"
            faults.append(Diagnostic("SER306", message, place, node.place_key("_partial_"), help=fix))
        if node is not None and is_kind(node.signature, KINDS[part]) is Ternary.NO:
            message = f"{signature_name(node)} is not a {KINDS[part]}"
            fix = f"name a class that derives from {KINDS[part]}, or a function that gives one"
            key = node.place_key("_target_")
            faults.append(Diagnostic("SER306", message, node.target.place, key, help=fix))
    return faults


def _has_own_trainer(found: Mapping[Keys, TargetNode], layout: Layout, own: Collection[str | None]) -> bool:
    """Whether the trainer is a class of the project that is certainly none of Lightning's."""
    trainer = found.get(layout.keys("trainer") or ())
    if trainer is None or trainer.signature.path.partition(".")[0] not in own:
        return False
    return is_kind(trainer.signature, KINDS["trainer"]) is Ternary.NO


def check_namespaces(found: Mapping[Keys, TargetNode], layout: Layout) -> list[Diagnostic]:
    """SER307 if `pytorch_lightning` and `lightning.pytorch` are mixed, whose classes are not compatible."""
    trainer = found.get(layout.keys("trainer") or ())
    ours = lightning_namespace(trainer.signature) if trainer is not None else None
    if ours is None or trainer is None:
        return []
    faults: list[Diagnostic] = []
    places = [keys for _, keys in layout.places]
    for node in found.values():
        if not any(node.keys[: len(keys)] == keys for keys in places):
            continue  # at a key of the project's own, whose code may use it with another trainer
        theirs = lightning_namespace(node.signature)
        is_taken = only_overrides_hooks(node.signature) or is_called_by_name(node.signature)
        if theirs is not None and theirs != ours and not is_taken:
            message = f"{signature_name(node)} belongs to `{theirs}`, the trainer to `{ours}`"
            fix = f"take both from one: the trainer is {signature_name(trainer)}"
            note = "the two packages hold separate copies of every class, and a trainer refuses the other's"
            key = node.place_key("_target_")
            faults.append(Diagnostic("SER307", message, node.target.place, key, help=fix, notes=(note,)))
    return faults
