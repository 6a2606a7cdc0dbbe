"""What pydantic makes objects of where it is not strict, as schemas of its core."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from serotiny.targets.value_types import types as t

if TYPE_CHECKING:
    from pydantic_core import CoreSchema


def parsed_schema(of: t.ValueType) -> CoreSchema:
    """The schema of values that pydantic makes a value of this type of."""
    from pydantic_core import core_schema as s

    match of:
        case t.BoolType():
            return s.bool_schema()
        case t.IntType():
            return s.int_schema()
        case t.FloatType():
            return s.float_schema()
        case t.BytesType():
            return s.bytes_schema()
        case t.LiteralType(values):
            return s.literal_schema([*values])
        case t.EnumType(_, names, values):
            return s.literal_schema([*names, *values, *(like for value in values for like in _like(value))])
        case t.InstanceOf(path):
            return _OF_OBJECTS[path]()
        case _:
            return s.any_schema()


def is_parsed(of: t.ValueType) -> bool:
    """Whether pydantic makes a value of this type of others."""
    match of:
        case t.InstanceOf(path):
            return path in _OF_OBJECTS
        case t.EnumType():
            return of.closed
        case _:
            return isinstance(of, t.BoolType | t.IntType | t.FloatType | t.BytesType | t.LiteralType)


def as_number(declared: t.ValueType, value: Any) -> Any:
    """The number that pydantic reads a text as, where a type takes nothing but numbers; any other value unchanged."""
    kinds = [part.of for part in t.parts(declared) if isinstance(part, t.ParsedType)]
    is_number = all(part == t.NONE or isinstance(part, t.ParsedType) for part in t.parts(declared))
    if not isinstance(value, str) or not is_number or not kinds or not {*kinds} <= {t.INT, t.FLOAT}:
        return value
    try:
        return float(value)
    except ValueError:
        return value


def _like(value: t.Scalar) -> Iterator[t.Scalar]:
    """What finds the same member of an enumeration as a number."""
    if isinstance(value, int | float) and math.isfinite(value):
        yield from (float(value), str(value), str(float(value)))


def _schema_of(name: str) -> Callable[[], CoreSchema]:
    def schema() -> CoreSchema:
        from pydantic_core import core_schema as s

        made: CoreSchema = getattr(s, f"{name}_schema")()
        return made

    return schema


def _decimal() -> CoreSchema:
    from pydantic_core import core_schema as s

    return s.decimal_schema(allow_inf_nan=True)


def _adapted(path: str) -> Callable[[], CoreSchema]:
    """The schema that pydantic itself has for a class; anything where this version has none."""

    def schema() -> CoreSchema:
        from pydantic import TypeAdapter
        from pydantic.errors import PydanticUserError
        from pydantic_core import core_schema as s

        module, _, name = path.rpartition(".")
        try:
            return TypeAdapter(getattr(import_module(module), name)).core_schema
        except (PydanticUserError, ImportError, AttributeError):
            return s.any_schema()

    return schema


_URLS: Final = (
    *("AmqpDsn", "AnyHttpUrl", "AnyUrl", "AnyWebsocketUrl", "ClickHouseDsn", "CockroachDsn", "FileUrl"),
    *("FtpUrl", "HttpUrl", "KafkaDsn", "MariaDBDsn", "MongoDsn", "MySQLDsn", "NatsDsn", "PostgresDsn"),
    *("RedisDsn", "SnowflakeDsn", "WebsocketUrl"),
)
_ADDRESSES: Final = ("EmailStr", "IPvAnyAddress", "IPvAnyInterface", "IPvAnyNetwork", "NameEmail")
_PLAIN: Final = (
    *("AwareDatetime", "ByteSize", "FutureDate", "FutureDatetime", "Json", "NaiveDatetime", "PastDate"),
    *("PastDatetime", "SecretBytes", "SecretStr"),
)
_KINDS_OF_ADDRESS: Final = ("Address", "Interface", "Network")

_OF_OBJECTS: Final[Mapping[str, Callable[[], CoreSchema]]] = MappingProxyType(
    {
        **{f"datetime.{name}": _schema_of(name) for name in ("date", "datetime", "time", "timedelta")},
        "builtins.complex": _schema_of("complex"),
        "decimal.Decimal": _decimal,
        "uuid.UUID": _schema_of("uuid"),
        **{
            path: _adapted(path)
            for path in (
                "fractions.Fraction",
                "re.Pattern",
                *(f"ipaddress.IPv{version}{kind}" for version in (4, 6) for kind in _KINDS_OF_ADDRESS),
                *(f"pydantic.networks.{name}" for name in (*_URLS, *_ADDRESSES)),
                *(f"pydantic.types.{name}" for name in _PLAIN),
            )
        },
    }
)
