"""Whether a target makes an object of a kind that a config group takes, such as a LightningModule."""

from __future__ import annotations

import re
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from serotiny.targets.signature import TargetKind
from serotiny.targets.value_types.types import AnyType, InstanceOf, ListType, TupleType, Written, parts

if TYPE_CHECKING:
    from serotiny.targets.signature import TargetSignature

_LIGHTNING: Final = ("pytorch_lightning", "lightning.pytorch")


def _lightning(path: str) -> frozenset[str]:
    return frozenset(f"{namespace}.{path}" for namespace in _LIGHTNING)


_ROOTS: Final = MappingProxyType(
    {
        "LightningModule": _lightning("core.module.LightningModule"),
        "LightningDataModule": _lightning("core.datamodule.LightningDataModule"),
        "Trainer": _lightning("trainer.trainer.Trainer"),
        "Callback": _lightning("callbacks.callback.Callback"),
        "Logger": _lightning("loggers.logger.Logger"),
        "Strategy": _lightning("strategies.strategy.Strategy"),
        "Profiler": _lightning("profilers.profiler.Profiler"),
        "Module": frozenset({"torch.nn.modules.module.Module"}),
        "Optimizer": frozenset({"torch.optim.optimizer.Optimizer"}),
        "LRScheduler": frozenset({"torch.optim.lr_scheduler.LRScheduler"}),
        "Dataset": frozenset({"torch.utils.data.dataset.Dataset"}),
    }
)
"""The canonical paths of the base classes of each kind."""

_SUPPLIED: Final = MappingProxyType(
    {"Optimizer": frozenset({"params"}), "LRScheduler": frozenset({"optimizer"})}
)
"""Kind → the parameters that only the model's code can supply."""

_SCHEDULER_NAME: Final = re.compile(r"[Ss]chedul|LR$|_lr$|(?:^|_)lr_")
"""Matches the usual names of schedulers that are not torch's."""


class Ternary(Enum):
    """An answer read from source, which may leave the question open; nothing is reported then."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


def kinds() -> tuple[str, ...]:
    """The kinds that `is_kind` knows."""
    return tuple(_ROOTS)


def is_kind(signature: TargetSignature, kind: str) -> Ternary:
    """Whether calling the target gives an instance of `kind`, for instance `"LightningModule"`."""
    return is_instance(signature, _ROOTS[kind])


def may_give_list(signature: TargetSignature) -> bool:
    """Whether calling the target may give a list or tuple of objects of some class."""
    return signature.kind is TargetKind.FUNCTION and any(
        isinstance(part, ListType | TupleType) for part in parts(signature.returns)
    )


def is_instance(signature: TargetSignature, paths: frozenset[str]) -> Ternary:
    """Whether calling the target gives an instance of one of the classes with these canonical paths."""
    if signature.kind is TargetKind.CLASS:
        if paths & set(signature.bases):
            return Ternary.YES
        return Ternary.NO if signature.certain else Ternary.UNSURE
    if signature.kind is TargetKind.UNKNOWN:
        return Ternary.UNSURE
    returned = parts(signature.returns)
    if all(isinstance(part, InstanceOf) and part.path in paths for part in returned):
        return Ternary.YES
    # a returned class may be derived from the wanted one; only a plain value certainly is not one
    is_open = any(isinstance(part, InstanceOf | AnyType) for part in returned)
    return Ternary.UNSURE if is_open else Ternary.NO


def supplied_by_code(signature: TargetSignature) -> frozenset[str]:
    """The parameters that may be left out without `_partial_`, since only code can supply them."""
    names = [names for kind, names in _SUPPLIED.items() if is_kind(signature, kind) is Ternary.YES]
    takes_optimizer = signature.positional and signature.positional[0].name == "optimizer"
    if takes_optimizer and _SCHEDULER_NAME.search(signature.path):
        names.append(_SUPPLIED["LRScheduler"])
    return frozenset().union(*names)


def lightning_namespace(signature: TargetSignature) -> str | None:
    """Which of Lightning's two packages a target is built on; None when it is built on neither."""
    for base in signature.bases or (signature.path,):
        for namespace in _LIGHTNING:
            if base.startswith(f"{namespace}."):
                return namespace
    return None


def only_overrides_hooks(signature: TargetSignature) -> bool:
    """Whether a target is a user's callback, of which a trainer of either package calls the hooks by name."""
    own = {base for base in signature.bases if base.startswith(tuple(f"{name}." for name in _LIGHTNING))}
    return bool(own) and own <= _ROOTS["Callback"]


def is_called_by_name(signature: TargetSignature) -> bool:
    """Whether a trainer of either package takes a target: it asks loggers and profilers for no class of its own."""
    return Ternary.YES in (is_kind(signature, "Logger"), is_kind(signature, "Profiler"))


def accepts_product(wanted: InstanceOf, product: TargetSignature) -> Ternary:
    """Whether a nested target makes an instance of the class that a parameter is annotated with."""
    if wanted.written in (Written.ANYTHING, Written.KEYS, Written.FIELDS):
        return Ternary.UNSURE
    return is_instance(product, frozenset({wanted.path}))
