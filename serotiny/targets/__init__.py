"""What a dotted path accepts, read from source without importing it."""

from serotiny.targets.cache import SignatureCache
from serotiny.targets.json_schema import json_schema
from serotiny.targets.kinds import (
    Answer,
    accepts_product,
    is_instance,
    is_kind,
    lightning_namespace,
    supplied_by_code,
)
from serotiny.targets.reader import SignatureReader
from serotiny.targets.signature import (
    Default,
    Member,
    Parameter,
    ParameterKind,
    TargetKind,
    TargetNotFound,
    TargetSignature,
)
from serotiny.targets.trust import Trust
from serotiny.targets.types import Deferred, ValueType
from serotiny.targets.validator import Fault, accepts, check

__all__ = [
    "Answer",
    "Default",
    "Deferred",
    "Fault",
    "Member",
    "Parameter",
    "ParameterKind",
    "SignatureCache",
    "SignatureReader",
    "TargetKind",
    "TargetNotFound",
    "TargetSignature",
    "Trust",
    "ValueType",
    "accepts",
    "accepts_product",
    "check",
    "is_instance",
    "is_kind",
    "json_schema",
    "lightning_namespace",
    "supplied_by_code",
]
