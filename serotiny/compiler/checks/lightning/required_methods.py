"""SER306: models and data modules without the methods that Lightning asks for before the first batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.target_nodes import TargetNode, argument
from serotiny.compiler.tree import Unknown
from serotiny.diagnostics import Diagnostic, Severity
from serotiny.targets import Ternary, is_kind, lightning_namespace


@dataclass(frozen=True, kw_only=True)
class _Loop:
    """What one of Lightning's loops asks for.

    Attributes:
        steps: groups of methods of the model; one of each group must be overridden.
        loader: the method that gives the batches.
        limit: the argument of the trainer that is 0 where no batch is asked for.
        removed: methods of the first version of Lightning, with which the second refuses a model.
    """

    steps: tuple[tuple[str, ...], ...]
    loader: str
    limit: str
    removed: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class MissingMethod:
    """Methods of which Lightning asks a part for one, to do an operation, and that its class does not define."""

    target: TargetNode
    names: tuple[str, ...]
    operation: str


_LOOPS: Final[Mapping[str, _Loop]] = {
    "train": _Loop(
        steps=(("training_step",), ("configure_optimizers",)),
        loader="train_dataloader",
        limit="limit_train_batches",
        removed={
            "training_epoch_end": "on_train_epoch_end",
            "validation_epoch_end": "on_validation_epoch_end",
        },
    ),
    "test": _Loop(
        steps=(("test_step",),),
        loader="test_dataloader",
        limit="limit_test_batches",
        removed={"test_epoch_end": "on_test_epoch_end"},
    ),
    "predict": _Loop(
        steps=(("predict_step", "forward"),),
        loader="predict_dataloader",
        limit="limit_predict_batches",
        removed={},
    ),
}
_OF_MODELS: Final = (
    *("training_step", "validation_step", "test_step", "predict_step", "forward"),
    *("configure_optimizers", "training_epoch_end", "validation_epoch_end", "test_epoch_end"),
)
_OF_DATA: Final = (
    *("train_dataloader", "val_dataloader", "test_dataloader", "predict_dataloader"),
    *("setup", "prepare_data"),
)
_ALWAYS: Final = ("prepare_data", "setup", "teardown")
_POINTS: Final = tuple(f"{part}{end}" for part in ("", "epoch_", "batch_") for end in ("start", "end"))
_TRAINING: Final = frozenset({"training_step", "configure_optimizers", "train_dataloader", "val_dataloader"})
_OTHERS: Final = frozenset({"test_step", "predict_step", "test_dataloader", "predict_dataloader"})


def check_required_methods(context: CheckContext) -> Iterator[Diagnostic]:
    """The steps, the optimizer and the loader of each loop that the job goes through, but for misspelt hooks.

    They are warnings in layouts in which a project has a script of its own, and may have a Lightning of its own.
    """
    for fault in _faults(context):
        yield fault if context.layout.is_own else replace(fault, severity=Severity.WARNING)


def _faults(context: CheckContext) -> Iterator[Diagnostic]:
    for missing in missing_methods(context):
        faults = context.reader.hook_faults(missing.target.signature.path)
        if not any(fault.hook in missing.names and fault.is_misspelt for fault in faults):
            yield _fault(missing)
    model = context.part("model")
    if model is not None and context.lightning_trainer is not None:
        for operation in _operations(context):
            yield from _removed(model, _LOOPS[operation], context)


def missing_methods(context: CheckContext) -> Iterator[MissingMethod]:
    """What the model and the data module certainly lack for the job.

    A class that overrides no method of Lightning's at all is not written yet, and lacks nothing in particular. One that
    only tests or predicts may be an option for that alone.
    """
    model, data, trainer = context.part("model"), context.part("data"), context.lightning_trainer
    if model is None or trainer is None:
        return
    parts = [
        (target, left, names)
        for target, kind, names in (
            (model, "LightningModule", _OF_MODELS),
            (data, "LightningDataModule", _OF_DATA),
        )
        if target is not None and not target.is_partial and is_kind(target.signature, kind) is Ternary.YES
        for left in (context.reader.not_overridden(target.signature.path, names),)
        if len(left) < len(names)
    ]
    for operation in _operations(context):
        loop = _LOOPS[operation]
        is_loaded = _is_loaded(loop, trainer)
        for part, left, asked in parts:
            if operation == "train" and _is_for_others(left, asked):
                continue
            groups = ((loop.loader,),) * is_loaded if part is data else loop.steps
            for names in groups:
                if {*left}.issuperset(names):
                    yield MissingMethod(target=part, names=names, operation=operation)


def called_methods(context: CheckContext) -> frozenset[str]:
    """The methods of models, data modules and callbacks that Lightning certainly calls in the job."""
    trainer = context.lightning_trainer
    if trainer is None:
        return frozenset()
    loops = {operation: _LOOPS[operation] for operation in _operations(context)}
    is_idle = any(
        limit is not None and limit.value == 0
        for limit in (argument(trainer, name) for name in ("max_epochs", "max_steps"))
    )
    looped = [
        name
        for operation, loop in loops.items()
        if _is_loaded(loop, trainer) and not (operation == "train" and is_idle)
        for names in (*loop.steps, (loop.loader,), [f"on_{operation}_{point}" for point in _POINTS])
        for name in names
    ]
    return frozenset((*_ALWAYS, *looped)) if loops else frozenset()


def _is_loaded(loop: _Loop, trainer: TargetNode) -> bool:
    """Whether a loop is not switched off by the trainer."""
    limit = argument(trainer, loop.limit)
    return limit is None or isinstance(limit.value, Unknown) or limit.value != 0


def _operations(context: CheckContext) -> Iterator[str]:
    """The loops that the job certainly goes through."""
    if context.operation is None:
        return
    switched_on = {name for name in _LOOPS if (node := context.root.get(name)) and node.value is True}
    if context.operation != "train":
        yield context.operation
        return
    if not context.layout.is_template or "train" in switched_on:
        yield "train"
    yield from (name for name in ("test", "predict") if name in switched_on)


def _is_for_others(left: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Whether a part overrides a method for testing or predicting, and none for training."""
    overridden = {*names}.difference(left)
    return not overridden & _TRAINING and bool(overridden & _OTHERS)


def _fault(missing: MissingMethod) -> Diagnostic:
    listed = " or ".join(f"`{name}`" for name in missing.names)
    target, path = missing.target, missing.target.signature.path
    message = f"`{path}` has no {listed}, which Lightning asks for to {missing.operation}"
    fix = f"define {listed} in `{path}`"
    key = target.place_key("_target_")
    return Diagnostic("SER306", message, target.target.place, key, help=fix, is_of_code=True)


def _removed(model: TargetNode, loop: _Loop, context: CheckContext) -> Iterator[Diagnostic]:
    path = model.signature.path
    base = f"{lightning_namespace(model.signature)}.core.module.LightningModule"
    left = context.reader.not_overridden(path, _OF_MODELS)
    for name, hook in loop.removed.items():
        is_there = (
            name not in left
            and context.reader.has_method(path, name)
            and context.reader.class_constant(path, name) is None
        )
        if is_there and context.reader.certainly_lacks(base, name):
            yield Diagnostic(
                "SER306",
                f"`{path}` has `{name}`, with which Lightning 2 refuses a model",
                model.target.place,
                model.place_key("_target_"),
                help=f"rename it to `{hook}`, which gets no outputs: keep them in an attribute",
                is_of_code=True,
            )
