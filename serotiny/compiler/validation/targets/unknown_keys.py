"""Keys beside a `_target_` that are none of its parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from serotiny.compiler.limits import MAX_FAULTS
from serotiny.compiler.project import Layout
from serotiny.compiler.syntax.other_forms import meant_key
from serotiny.compiler.target_nodes import HYDRA_KEYS, TargetNode, holds_parts, signature_name
from serotiny.compiler.tree import MISSING, Node, is_unread
from serotiny.compiler.validation.causes.indentation import keys_behind_empty
from serotiny.compiler.validation.causes.renamed import renamed_argument
from serotiny.diagnostics import Diagnostic, Severity, closest
from serotiny.targets import TargetSignature


def unknown_keys(target: TargetNode, given: dict[Any, Node], layout: Layout) -> list[Diagnostic]:
    """SER301 for each key that a call does not take, with what is likely meant."""
    signature = target.signature
    faults: list[Diagnostic] = []
    if holds_parts(target.keys, target.node, layout):
        return faults  # a script makes each of these; the class in between is told as passed over
    notes: tuple[str, ...] = ()
    if signature.ignores_rest:
        notes = ("a call takes it all the same",)
    if signature.rest_goes_to:
        notes = (f"its `**kwargs` go to `{signature.rest_goes_to}`, which has no such parameter",)
    behind = keys_behind_empty(target.node, signature.names)
    beside = {key: f"indent it by two spaces, below `{empty}`" for empty in behind for key in behind[empty]}
    for key, child in given.items():
        if len(faults) > MAX_FAULTS:
            break
        if not isinstance(key, str):
            message = f"a parameter must be named by text, not by `{key}`"
            fix = "write the name in quotes: YAML reads `on`, `off`, `yes` and `no` as true and false"
            faults.append(
                Diagnostic(
                    "SER301",
                    message,
                    child.blame_key(),
                    target.place_key(key),
                    help=fix if isinstance(key, bool) else "take it out",
                )
            )
        elif target.is_partial and child.reference is not None and child.reference.text == MISSING:
            continue  # Hydra gives a partial nothing of what is still to be filled in
        # nothing is said of a key whose value could not be read
        elif signature.parameter(key) is None and not signature.open and not is_unread(child):
            name = signature_name(target)
            message = f"`{key}` is not a parameter of {name}"
            form = _form_in_file(key, child, target)
            renamed = renamed_argument(signature, key, layout) or (
                None if key.lstrip("+") in signature.names else form
            )
            wrapper = wrapper_of(key, child)
            suggestion = closest(key, [*signature.names, *_hydras(key)]) if wrapper is None else None
            otherwise = (
                wrapper
                or beside.get(key)
                or (_place_of(key, child, target) if layout.is_own else None)
                or _listed(signature)
            )
            faults.append(
                Diagnostic(
                    "SER301",
                    message,
                    child.blame_key(),
                    target.place_key(key),
                    help=renamed or form or (None if suggestion else otherwise),
                    notes=notes,
                    suggestion=None if renamed else suggestion,
                    target=name,
                    severity=Severity.WARNING if signature.ignores_rest else Severity.ERROR,
                )
            )
    return faults


_ALIKE: Final = 0.8
"""Of two words without their underscores, which one is a misspelling of."""


def _hydras(key: str) -> Iterator[str]:
    """The keys of Hydra's own that a key may be meant for: `start` is no `_target_`."""
    return (own for own in HYDRA_KEYS if closest(key.strip("_"), [own.strip("_")], _ALIKE))


_WRAPPERS = frozenset({"_kwargs_", "args", "arguments", "dict_kwargs", "init_args", "kwargs", "params"})
"""Keys below which other tools have the arguments of a class."""


def wrapper_of(key: str, node: Node) -> str | None:
    """What to do about a key of another tool beside a `_target_`."""
    if key == "class_path":
        return "take it out: `_target_` names the class"
    if key not in _WRAPPERS or not node.is_mapping:
        return None
    return f"take `{key}:` out, and what stands below it one level up"


def _form_in_file(key: str, node: Node, target: TargetNode) -> str | None:
    """What to write for a key with signs or dots, which are for the command line."""
    if node.blame_key().file is None:
        return None
    return meant_key(key, [str(step) for step in target.keys], target.signature.names)


_OF_THE_ROOT = frozenset({"ckpt_path", "data", "mlflow", "model", "seed", "trainer"})


def _place_of(key: str, node: Node, target: TargetNode) -> str | None:
    """Where a key belongs that is one of a whole config, or of a file."""
    if target.keys[-1:] == (key,) and node.is_mapping:
        return f"take `{key}:` out, and what stands below it one level up: it is below `{key}` already"
    if key == "defaults":
        return "a defaults list stands at the top of its file"
    return f"it stands at the root of the config: `{key}: …`" if key in _OF_THE_ROOT else None


def _listed(signature: TargetSignature) -> str:
    names = signature.names
    if not names:
        return "it takes no parameters"
    shown = ", ".join(f"`{name}`" for name in names[:12])
    return f"it takes {shown}{' …' if len(names) > 12 else ''}"
