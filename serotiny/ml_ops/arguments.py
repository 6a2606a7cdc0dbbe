"""Convert values of a config to the types that a signature declares, as the check has accepted them.

Hydra passes on the types of YAML. Here a declared `tuple[int, int]` gets a tuple, an enumeration a member, and a
dataclass an instance.
"""

from __future__ import annotations

import enum
import re
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from serotiny.compiler.target_nodes import HYDRA_KEYS
from serotiny.compiler.tree import Node
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.targets import TargetSignature, accepts
from serotiny.targets.value_types import types as t
from serotiny.targets.value_types.texts import TEXT_FORMS

_HERE: Final = __name__
_ROWS: Final[Mapping[t.Made, Callable[[list[Any]], Any]]] = MappingProxyType(
    {t.Made.TUPLE: tuple, t.Made.SET: set, t.Made.FROZENSET: frozenset, t.Made.DEQUE: deque}
)


def with_declared_forms(node: Any, judge: TargetJudge) -> Any:
    """A node for Hydra to instantiate, in which values to be converted are nested targets of our own.

    Nothing is changed below `_recursive_: false`, where other code instantiates.

    Args:
        node: plain data, whose targets have been judged.
        judge: provides the signatures.
    """
    return _Forms(judge).of(node)


@dataclass(frozen=True)
class _Forms:
    judge: TargetJudge

    def of(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.of(item) for item in value]
        if not isinstance(value, Mapping) or value.get("_recursive_") is False:
            return value
        inner = {key: self.of(item) for key, item in value.items()}
        signature = self._signature(value.get("_target_"))
        return inner if signature is None else self._declared(signature, inner)

    def _signature(self, path: Any) -> TargetSignature | None:
        found = self.judge.judge((), Node(path)) if isinstance(path, str) else None
        return found if isinstance(found, TargetSignature) else None

    def _declared(self, signature: TargetSignature, given: Mapping[Any, Any]) -> dict[Any, Any]:
        made = dict(given)
        for key, value in given.items():
            parameter = None if key in HYDRA_KEYS else signature.taking(str(key))
            if parameter is not None:
                made[key] = self._as(parameter.type, value)
        if isinstance(given.get("_args_"), list):
            takes = [parameter.type for parameter in signature.positional]
            rest = t.ANY if signature.rest is None else signature.rest.type
            made["_args_"] = [
                self._as(takes[index] if index < len(takes) else rest, value)
                for index, value in enumerate(given["_args_"])
            ]
        return made

    def _as(self, declared: t.ValueType, value: Any) -> Any:
        """The value converted for the first part of a union that accepts it; unchanged if one accepts it as it is."""
        if value is None or (isinstance(value, Mapping) and "_target_" in value):
            return value
        accepting = [part for part in t.parts(declared) if accepts(part, value)]
        fitting = [part for part in accepting if self._fits(part, value)]
        forms = [self._member(part, value) for part in fitting or accepting]
        return next((form for form in forms if form == value), forms[0] if forms else value)

    def _fits(self, declared: t.ValueType, value: Any) -> bool:
        """Whether a class can be made of a mapping, where one is declared; True for all else."""
        if not isinstance(declared, t.InstanceOf) or not isinstance(value, Mapping):
            return True
        signature = self._signature(declared.path)
        return signature is None or signature.takes(value.keys())

    def _member(self, declared: t.ValueType, value: Any) -> Any:
        match declared:
            case t.PathType():
                return _call(as_path, value)
            case t.ParsedType(t.EnumType() as of) if accepts(of, value):
                return self._member(of, value)
            case t.EnumType(path):
                return _call(as_member, path, value)
            case t.ListType(item, made) if isinstance(value, list):
                row = [self._as(item, one) for one in value]
                return row if made is t.Made.LIST else _call(as_row, made.value, row)
            case t.TupleType(items) if isinstance(value, list):
                row = [self._as(item, one) for item, one in zip(items, value, strict=True)]
                return _call(as_row, t.Made.TUPLE.value, row)
            case t.MappingType(keys, inner) if isinstance(value, Mapping):
                formed = [(self._as(keys, key), self._as(inner, one)) for key, one in value.items()]
                is_plain = all(key == own for (key, _), own in zip(formed, value, strict=True))
                return dict(formed) if is_plain else _call(as_mapping, [list(pair) for pair in formed])
            case t.InstanceOf(path, t.Written.MAPPING) if isinstance(value, Mapping):
                signature = self._signature(path)
                return value if signature is None else {"_target_": path, **self._declared(signature, value)}
            case t.InstanceOf(path, t.Written.KEYS) if isinstance(value, Mapping):
                signature = self._signature(path)
                return value if signature is None else self._declared(signature, value)
            case t.InstanceOf(path, t.Written.FIELDS) if isinstance(value, list | Mapping):
                return self._fields(path, value)
            case t.InstanceOf(path) if path in _MAKERS:
                return _call(as_object, path, value)
            case _:
                return value

    def _fields(self, path: str, value: list[Any] | Mapping[Any, Any]) -> Any:
        """A named tuple; the value unchanged where its fields are others."""
        signature = self._signature(path)
        if signature is None:
            return value
        given = {"_args_": value} if isinstance(value, list) else value
        fields = signature.positional
        names = {field.name for field in fields[: len(value)]} if isinstance(value, list) else value.keys()
        is_whole = all(field.name in names for field in fields if field.required)
        if not is_whole or len(value) > len(fields) or not signature.takes(names):
            return value
        return {"_target_": path, **self._declared(signature, given)}


def _call(function: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
    return {"_target_": f"{_HERE}.{function.__name__}", "_args_": [*arguments]}


def as_path(text: str) -> Path:
    """A path; relative paths are relative to the job's working directory."""
    return Path(text)


def as_member(path: str, given: Any) -> Any:
    """The member of an enumeration with this name, or else this value; the text if there is none."""
    module, _, name = path.rpartition(".")
    found: Any = sys.modules.get(module)
    found = getattr(found, name, None)
    if not isinstance(found, enum.EnumMeta):  # a path that was read from source, or from the cache
        return given
    if isinstance(given, str) and given in found.__members__:
        return found[given]
    return found(_as_tuple(given))


def _as_tuple(given: Any) -> Any:
    """A list as a tuple, as values of members are written; anything else unchanged."""
    return tuple(map(_as_tuple, given)) if isinstance(given, list) else given


def as_row(kind: str, items: list[Any]) -> Any:
    """A tuple, a set or another collection of the items."""
    return _ROWS[t.Made(kind)](items)


def as_mapping(items: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """A mapping of these keys, each with its value."""
    return dict(items)


def as_object(path: str, given: Any) -> Any:
    """The object that a text, a number or a list stands for; the value unchanged if it stands for none."""
    try:
        return _MAKERS[path](given)
    except (ValueError, TypeError, ArithmeticError, AttributeError, RuntimeError, re.error):
        return given


def _torch(name: str) -> Callable[[Any], Any]:
    def make(given: Any) -> Any:
        import torch

        return getattr(torch, name)(given)

    return make


def _dtype(given: Any) -> Any:
    import torch

    found = getattr(torch, given.removeprefix("torch."))
    if not isinstance(found, torch.dtype):
        raise TypeError(given)
    return found


def _array(given: Any) -> Any:
    import numpy as np

    return np.asarray(given)


_MAKERS: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {
        "torch.Tensor": _torch("as_tensor"),
        "torch.Size": _torch("Size"),
        "numpy.ndarray": _array,
        "torch.dtype": _dtype,
        "torch.device": _torch("device"),
        **{path: form.read for path, form in TEXT_FORMS.items() if form.read is not None},
    }
)

CONVERTERS: Final = frozenset(
    f"{_HERE}.{function.__name__}" for function in (as_path, as_member, as_row, as_mapping, as_object)
)
"""The targets that stand for converted values; no config may name them."""
