"""The methods of a Lightning class that Lightning cannot call as a hook, or that misspell the name of one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from serotiny.targets.names.typos import is_slip
from serotiny.targets.signature import HookFault
from serotiny.targets.signatures.body.frameworks import is_of_framework, own_classes

if TYPE_CHECKING:
    from serotiny.targets.names.resolver import NameResolver
    from serotiny.targets.names.symbols import ClassSymbol, FunctionNode

_ROOTS: Final = (
    "core.module.LightningModule",
    "core.datamodule.LightningDataModule",
    "callbacks.callback.Callback",
)
_HOOK: Final = re.compile(r"on_\w+|\w+_step|configure_optimizers|setup|teardown")
_WITH_BATCH: Final = frozenset({"training_step", "validation_step", "test_step", "predict_step"})
"""Lightning declares them as `*args`, and gives each a batch."""


def hook_faults(symbol: ClassSymbol, resolver: NameResolver) -> tuple[HookFault, ...]:
    """Empty for a class of which a part has no source, and for what a decorator or an assignment may replace."""
    line = resolver.linearise(symbol)
    if not line.has_all_source or not any(path.endswith(_ROOTS) for path in line.paths):
        return ()
    hooks: dict[str, FunctionNode] = {}
    for owner in filter(is_of_framework, line.classes):
        for name in filter(_HOOK.fullmatch, owner.scope.names):
            if (node := owner.scope.only_function(name)) is not None:
                hooks.setdefault(name, node)
    own = own_classes(line)
    defined = {name for owner in own for name in [*owner.scope.names, *owner.attribute_writes]}
    found = []
    for name in dict.fromkeys(name for owner in own for name in owner.scope.names):
        owner = next(owner for owner in own if name in owner.scope.names)
        node = owner.scope.only_function(name)
        if node is None or node.decorator_list or any(other.attribute_writes[name] for other in own):
            continue
        where = (name, owner.path, owner.module.name, node.lineno)
        if name in hooks:
            given = 1 if name in _WITH_BATCH else _least(hooks[name])
            if node.args.vararg is None and _most(node) < given:
                found.append(HookFault(*where, hook=name, given=given))
        elif not _is_used(name, own):
            meant = [hook for hook in hooks if hook not in defined and is_slip(name, hook)]
            if len(meant) == 1:
                found.append(HookFault(*where, hook=meant[0]))
    return tuple(found)


def _most(node: FunctionNode) -> int:
    """How many arguments a method takes by position, apart from the instance."""
    return len(node.args.posonlyargs) + len(node.args.args) - 1


def _least(node: FunctionNode) -> int:
    return _most(node) - len(node.args.defaults)


def _is_used(name: str, own: list[ClassSymbol]) -> bool:
    """Whether the modules of the classes spell a name once more than where it is defined."""
    texts = {owner.module.name: owner.module.text for owner in own}.values()
    return sum(len(re.findall(rf"\b{name}\b", text)) for text in texts) != 1
