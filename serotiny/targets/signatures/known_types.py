"""The value types of well-known classes by path, for which no source needs to be read."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from serotiny.targets.value_types import types as t
from serotiny.targets.value_types.types import Written

_ROW = t.ListType(t.ANY)
_MAPPING = t.MappingType(t.ANY, t.ANY)

_MADE: Final = MappingProxyType(
    {
        "tuple": t.Made.TUPLE,
        "set": t.Made.SET,
        "abstractset": t.Made.SET,
        "mutableset": t.Made.SET,
        "frozenset": t.Made.FROZENSET,
        "deque": t.Made.DEQUE,
    }
)


def made_of(path: str) -> t.Made:
    """The Python type that a YAML list becomes for an annotation with `path`."""
    return _MADE.get(path.rpartition(".")[2].lower(), t.Made.LIST)


def _rows(*paths: str) -> dict[str, t.ValueType]:
    return {path: t.ListType(t.ANY, made_of(path)) for path in paths}


def _anything(*paths: str) -> dict[str, t.ValueType]:
    return {path: t.InstanceOf(path, Written.ANYTHING) for path in paths}


_NODES: Final = MappingProxyType(
    {
        "AnyNode": t.ANY,
        "BooleanNode": t.BOOL,
        "BytesNode": t.BYTES,
        "Container": t.union(_MAPPING, _ROW),
        "FloatNode": t.FLOAT,
        "IntegerNode": t.INT,
        "Node": t.ANY,
        "PathNode": t.PATH,
        "StringNode": t.STR,
        "UnionNode": t.ANY,
        "ValueNode": t.ANY,
    }
)
"""OmegaConf's nodes. Code that is annotated with one is given the value in it, which may also be null."""

KNOWN_TYPES: Final = MappingProxyType(
    {
        "builtins.int": t.INT,
        "builtins.float": t.FLOAT,
        "builtins.bool": t.BOOL,
        "builtins.str": t.STR,
        "builtins.bytes": t.BYTES,
        "builtins.bytearray": t.BYTES,
        "builtins.None": t.NONE,
        **_rows("builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset"),
        "builtins.dict": _MAPPING,
        "builtins.type": t.ClassType(),
        "builtins.callable": t.CALLABLE,
        **_rows("typing.List", "typing.Tuple", "typing.Set", "typing.FrozenSet"),
        **_rows("typing.Deque", "collections.deque"),
        "typing.Dict": _MAPPING,
        "typing.Mapping": _MAPPING,
        "typing.MutableMapping": _MAPPING,
        "typing.OrderedDict": _MAPPING,
        "typing.DefaultDict": _MAPPING,
        "collections.OrderedDict": _MAPPING,
        "collections.defaultdict": _MAPPING,
        "collections.abc.Mapping": _MAPPING,
        "collections.abc.MutableMapping": _MAPPING,
        "typing.Callable": t.CALLABLE,
        "collections.abc.Callable": t.CALLABLE,
        "types.FunctionType": t.CALLABLE,
        "types.LambdaType": t.CALLABLE,
        "functools.partial": t.CALLABLE,
        "typing.Type": t.ClassType(),
        "typing.Text": t.STR,
        "typing.LiteralString": t.STR,
        "typing_extensions.LiteralString": t.STR,
        "typing.AnyStr": t.union(t.STR, t.BYTES),
        "types.NoneType": t.NONE,
        "pathlib.Path": t.PATH,
        "pathlib.PurePath": t.PATH,
        "pathlib.PosixPath": t.PATH,
        "pathlib.PurePosixPath": t.PATH,
        "os.PathLike": t.PATH,
        "numbers.Integral": t.INT,
        "numbers.Real": t.FLOAT,
        "numbers.Number": t.FLOAT,
        "datetime.timedelta": t.InstanceOf("datetime.timedelta"),
        "argparse.Namespace": t.InstanceOf("argparse.Namespace", Written.MAPPING),
        "types.SimpleNamespace": t.InstanceOf("types.SimpleNamespace", Written.MAPPING),
        "omegaconf.DictConfig": t.union(_MAPPING, t.NONE),
        "omegaconf.ListConfig": t.union(_ROW, t.NONE),
        **{
            f"{module}.{name}": t.union(value_type, t.NONE)
            for module in ("omegaconf", "omegaconf.base", "omegaconf.nodes")
            for name, value_type in _NODES.items()
        },
        "pydantic.types.ImportString": t.ANY,
        "pydantic.types.Json": t.InstanceOf("pydantic.types.Json", Written.ANYTHING),
        **{f"numpy.{name}": t.INT for name in ("integer", "signedinteger", "unsignedinteger")},
        **{f"numpy.{sign}int{bits}": t.INT for sign in ("", "u") for bits in (8, 16, 32, 64)},
        **{f"numpy.float{bits}": t.FLOAT for bits in (16, 32, 64)},
        "numpy.floating": t.FLOAT,
        "numpy.bool_": t.BOOL,
        "numpy.str_": t.STR,
        "torch._tensor.Tensor": t.InstanceOf("torch.Tensor", Written.ANYTHING),
        # code usually converts a number, a list or a name to these, without saying so in the annotation
        **_anything(
            "builtins.complex",
            "torch.Tensor",
            "torch.device",
            "torch.dtype",
            "torch.layout",
            "torch.memory_format",
            "torch.Size",
            "torch.Generator",
            "numpy.ndarray",
            "numpy.dtype",
            "numpy.number",
            "numpy.generic",
            "numpy.typing.ArrayLike",
            "numpy.typing.NDArray",
            "numpy.typing.DTypeLike",
            "numpy.random.Generator",
            "numpy.random.RandomState",
            "pandas.DataFrame",
            "pandas.Series",
            "decimal.Decimal",
            "fractions.Fraction",
            "uuid.UUID",
            "re.Pattern",
            "datetime.datetime",
            "datetime.date",
            "datetime.time",
        ),
    }
)
"""The value type of a bare name; `annotations` reads the arguments of a generic one."""

LISTS: Final = frozenset(
    {
        "builtins.list",
        "builtins.set",
        "builtins.frozenset",
        "collections.deque",
        *(f"typing.{name}" for name in ("List", "Set", "FrozenSet", "Deque")),
    }
)
"""Concrete containers with items of one type."""

TUPLES: Final = frozenset({"builtins.tuple", "typing.Tuple"})

_ABCS: Final = ("typing", "collections.abc", "typing_extensions")

SEQUENCES: Final = frozenset(
    f"{module}.{name}" for module in _ABCS for name in ("Sequence", "MutableSequence")
)
"""Abstract sequences; a string is a sequence of strings."""

ITERABLES: Final = frozenset(
    f"{module}.{name}"
    for module in _ABCS
    for name in (
        "Iterable",
        "Iterator",
        "Collection",
        "Container",
        "Reversible",
        "Generator",
        "Set",
        "AbstractSet",
        "MutableSet",
        "KeysView",
        "ValuesView",
    )
)
"""Abstract iterables; a mapping is an iterable of its keys."""

MAPPINGS: Final = frozenset(path for path, value_type in KNOWN_TYPES.items() if value_type == _MAPPING)

WRAPPERS: Final = frozenset(
    {
        "dataclasses.InitVar",
        *(
            f"{module}.{name}"
            for module in ("typing", "typing_extensions")
            for name in ("Annotated", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly")
        ),
    }
)
"""Special forms whose first argument is the type."""

LOOSE: Final = frozenset(
    {
        "pydantic.functional_validators.SkipValidation",
        "pydantic.types.ImportString",
        "pydantic.types.Json",
    }
)
"""Classes of which `Class[X]` takes more than what is an `X`."""
