"""Signatures that are read from source, against those of the imported classes.

The bars: names, order, what is required, and defaults agree for at least 99.5 % of the parameters;
every difference is listed here with its reason; and a static signature is never narrower than the real one.
"""

from __future__ import annotations

import importlib
import inspect
import math
import sys
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import pytest

from serotiny.targets import (
    Parameter,
    ParameterKind,
    SignatureReader,
    TargetKind,
    TargetNotFound,
    TargetSignature,
    check,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULES: Final = (
    "torch.optim",
    "torch.optim.lr_scheduler",
    "torch.nn",
    "pytorch_lightning",
    "pytorch_lightning.callbacks",
    "pytorch_lightning.loggers",
    "pytorch_lightning.strategies",
    "lightning.pytorch.callbacks",
    "torchmetrics",
    "torchmetrics.classification",
    "torchmetrics.regression",
    "torch.utils.data",
)

DIFFERENCES: Final = MappingProxyType[str, str]({})
"""`path` or `path:parameter` of each known difference, and why it is there."""


@dataclass(frozen=True)
class Pair:
    """The two signatures of one class."""

    path: str
    real: type
    static: TargetSignature

    @property
    def runtime(self) -> inspect.Signature:
        return inspect.signature(self.real)


def _classes() -> Iterator[tuple[str, type]]:
    seen = set()
    for module_name in MODULES:
        module = importlib.import_module(module_name)
        for name in sorted(vars(module)):
            value = getattr(module, name)
            public = not name.startswith("_") and isinstance(value, type)
            own = public and value.__module__.partition(".")[0] == module_name.partition(".")[0]
            # what Lightning removed is patched in at import and raises when it is used: reported as unknown
            removed = public and "._graveyard." in value.__module__
            if own and not removed and value not in seen and not issubclass(value, BaseException):
                seen.add(value)
                try:
                    inspect.signature(value)
                except ValueError:
                    continue  # compiled, such as torch.Tensor: there is nothing to compare with
                yield f"{module_name}.{name}", value


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    reader = SignatureReader()
    found = []
    for path, real in _classes():
        static = reader.read(path)
        assert isinstance(static, TargetSignature), static
        found.append(Pair(path, real, static))
    return found


def _comparable(parameters: list[Parameter]) -> list[Parameter]:
    return [parameter for parameter in parameters if parameter.kind is not ParameterKind.VAR_POSITIONAL]


def _real_parameters(pair: Pair) -> list[inspect.Parameter]:
    rest = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [parameter for parameter in pair.runtime.parameters.values() if parameter.kind not in rest]


def _differences(pair: Pair) -> Iterator[str]:
    """`path:parameter` for every way in which the two disagree."""
    real = _real_parameters(pair)
    takes_more = any(
        found.kind is inspect.Parameter.VAR_KEYWORD for found in pair.runtime.parameters.values()
    )
    static = _comparable(list(pair.static.parameters))
    # inspect does not show what `**kwargs` hands on
    shown = {parameter.name for parameter in real}
    listed = [parameter for parameter in static if parameter.name in shown] if takes_more else static
    if [parameter.name for parameter in listed] != [parameter.name for parameter in real]:
        yield f"{pair.path}: {[p.name for p in listed]} {[p.name for p in real]}"
        return
    for ours, theirs in zip(listed, real, strict=True):
        if ours.required != (theirs.default is inspect.Parameter.empty):
            yield f"{pair.path}:{ours.name} required"
        elif not _same_default(pair, ours, theirs):
            yield f"{pair.path}:{ours.name} {ours.default} {theirs.default!r}"


def _same_default(pair: Pair, ours: Parameter, theirs: inspect.Parameter) -> bool:
    if ours.default is None:
        return theirs.default is inspect.Parameter.empty
    if ours.default.literal:
        value: Any = ours.default.value
        return _plain(theirs.default) == _plain(value) and isinstance(value, bool) == isinstance(
            theirs.default, bool
        )
    if ours.default.text.startswith("os.getenv("):
        return True  # of the moment in which the module was imported
    for base in pair.real.__mro__:
        namespace = vars(sys.modules[base.__module__])
        try:
            value = eval(ours.default.text, dict(namespace))
        except (NameError, AttributeError):
            continue
        same_nan = isinstance(value, float) and math.isnan(value) and math.isnan(theirs.default)
        return value is theirs.default or value == theirs.default or same_nan
    return False


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def test_signatures_read_from_source_agree_with_the_imported_ones(pairs: list[Pair]) -> None:
    """Names, order, required and defaults agree for 99.5 %, and every difference is a known one."""
    parameters = sum(len(_real_parameters(pair)) for pair in pairs)
    differences = {difference for pair in pairs for difference in _differences(pair)}

    assert parameters > 2000
    assert set(DIFFERENCES) == differences
    assert len(differences) / parameters <= 0.005


def test_static_signature_is_never_narrower_than_the_real_one(pairs: list[Pair]) -> None:
    """Every key that the class takes is accepted, and nothing is required that it does not require."""
    narrower = []
    for pair in pairs:
        real = {parameter.name: parameter for parameter in _real_parameters(pair)}
        ours = {parameter.name for parameter in pair.static.parameters}
        if not pair.static.open:
            narrower += [f"{pair.path} lacks {name}" for name in real.keys() - ours]
        rest = any(found.kind is inspect.Parameter.VAR_KEYWORD for found in pair.runtime.parameters.values())
        narrower += [
            f"{pair.path} requires {parameter.name}"
            for parameter in pair.static.parameters
            if parameter.required
            and (
                real[parameter.name].default is not inspect.Parameter.empty
                if parameter.name in real
                else not rest
            )
        ]
    assert [] == narrower


def test_every_default_is_of_its_parameters_own_type(pairs: list[Pair]) -> None:
    """No class's own defaults are reported as faults."""
    faults = [
        (pair.path, parameter.name, fault)
        for pair in pairs
        for parameter in pair.static.parameters
        if parameter.default is not None and parameter.default.literal
        for fault in check(parameter.type, parameter.default.value)
    ]
    assert [] == faults


def test_method_resolution_order_agrees_with_the_imported_class(pairs: list[Pair]) -> None:
    """Every base of the imported class that has source is among the static bases, in the same order."""
    wrong = []
    for pair in pairs:
        assert pair.static.kind is TargetKind.CLASS
        real = [base.__qualname__ for base in pair.real.__mro__ if base.__name__ not in ("object", "Generic")]
        ours = [name for path in pair.static.bases if (name := path.rpartition(".")[2]) != "Generic"]
        if pair.static.certain and real != ours:
            wrong.append((pair.path, real, ours))
    assert [] == wrong


NAMES_IN: Final = (
    "torch",
    "torch.nn",
    "torch.nn.functional",
    "torch.optim",
    "torch.optim.lr_scheduler",
    "torch.utils.data",
    "torch.linalg",
    "torch.distributions",
    "pytorch_lightning",
    "pytorch_lightning.callbacks",
    "lightning.pytorch",
    "torchmetrics",
    "numpy",
    "pandas",
    "sklearn.linear_model",
)

UNSEEN: Final = MappingProxyType(
    {
        "torch.Storage": "an old alias that the compiled module sets",
        "torch.bit": "a data type without a stub",
        "torch.cpp": "a module without a file, made by the compiled one",
        "numpy.Inf": "listed by numpy, and raises when it is asked for",
    }
)
"""Public names that exist at run time and that a static reading calls missing, and why."""


def test_every_public_name_of_an_imported_module_is_found() -> None:
    """No name that a config could use is reported as unknown, also where a module makes names as it runs."""
    reader = SignatureReader()
    missing = set()
    asked = 0
    for module_name in NAMES_IN:
        for name in filter(str.isidentifier, dir(importlib.import_module(module_name))):
            if name.startswith("_"):
                continue
            asked += 1
            found = reader.read(f"{module_name}.{name}")
            # a module is found, and is no target
            if isinstance(found, TargetNotFound) and found.missing:
                # what Lightning removed is patched in from its graveyard
                value = getattr(importlib.import_module(module_name), name, None)
                if "._graveyard." not in getattr(value, "__module__", ""):
                    missing.add(f"{module_name}.{name}")
    assert asked > 2000
    assert missing <= set(UNSEEN)
