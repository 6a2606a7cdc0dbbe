"""The methods of a Lightning class that Lightning cannot call as a hook, or that misspell the name of one."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
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
_WITH_ARGUMENTS: Final = re.compile(
    rf"{_HOOK.pattern}|\w+_dataloader|configure_gradient_clipping|prepare_data|transfer_batch_to_device"
)
_WITH_BATCH: Final = MappingProxyType(
    {"training_step": 2, "validation_step": 3, "test_step": 3, "predict_step": 3}
)
"""Lightning declares them as `*args`; it gives each a batch, and at most so many arguments."""

_BY_NAME: Final = MappingProxyType({"setup": "stage", "teardown": "stage"})
"""The argument that Lightning gives by its name."""


def hook_faults(symbol: ClassSymbol, resolver: NameResolver) -> tuple[HookFault, ...]:
    """Empty for a class of which a part has no source, and for what a decorator or an assignment may replace."""
    line = resolver.linearise(symbol)
    if not line.has_all_source or not any(path.endswith(_ROOTS) for path in line.paths):
        return ()
    hooks: dict[str, FunctionNode] = {}
    for owner in filter(is_of_framework, line.classes):
        for name in filter(_WITH_ARGUMENTS.fullmatch, owner.scope.names):
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
            fault = _misfit(HookFault(*where, hook=name), node, hooks[name])
            found += [] if fault is None else [fault]
        elif not _is_used(name, own):
            meant = [
                hook
                for hook in hooks
                if hook not in defined and is_slip(name, hook) and _HOOK.fullmatch(hook)
            ]
            if len(meant) == 1:
                found.append(HookFault(*where, hook=meant[0]))
    return tuple(found)


def _misfit(where: HookFault, node: FunctionNode, hook: FunctionNode) -> HookFault | None:
    """The fault of a method that Lightning calls with the arguments of its own hook; None if it takes them."""
    named = _BY_NAME.get(where.hook)
    takes_named = node.args.kwarg is not None or named in {
        argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)
    }
    if named is not None and not takes_named and (node.args.vararg is not None or _most(node)):
        return replace(where, named=named)
    fewest = 1 if where.hook in _WITH_BATCH else _least(hook)
    most = _WITH_BATCH.get(where.hook, _most(hook) if hook.args.vararg is None else None)
    is_by_name = named is not None and takes_named
    if node.args.vararg is None and _most(node) < fewest - is_by_name:
        return replace(where, given=fewest)
    needed = _least(node) + node.args.kw_defaults.count(None)
    return replace(where, given=most, needed=needed) if most is not None and needed > most else None


def _most(node: FunctionNode) -> int:
    """How many arguments a method takes by position, apart from the instance."""
    return len(node.args.posonlyargs) + len(node.args.args) - 1


def _least(node: FunctionNode) -> int:
    return _most(node) - len(node.args.defaults)


def _is_used(name: str, own: list[ClassSymbol]) -> bool:
    """Whether the modules of the classes spell a name once more than where it is defined."""
    texts = {owner.module.name: owner.module.text for owner in own}.values()
    return sum(len(re.findall(rf"\b{name}\b", text)) for text in texts) != 1
