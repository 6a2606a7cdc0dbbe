"""What a dotted path accepts, read from source without importing it."""

from serotiny.targets.lightning import (
    Ternary,
    accepts_product,
    is_instance,
    is_kind,
    lightning_namespace,
    supplied_by_code,
)
from serotiny.targets.policy.trust import Trust
from serotiny.targets.reader import SignatureCache, SignatureReader
from serotiny.targets.signature import (
    Default,
    HookFault,
    Member,
    Parameter,
    ParameterKind,
    Refusal,
    TargetKind,
    TargetNotFound,
    TargetSignature,
)
from serotiny.targets.value_types.types import Deferred, ValueType
from serotiny.targets.value_types.validation import Fault, accepts, check

__all__ = [
    "Default",
    "Deferred",
    "Fault",
    "HookFault",
    "Member",
    "Parameter",
    "ParameterKind",
    "Refusal",
    "SignatureCache",
    "SignatureReader",
    "TargetKind",
    "TargetNotFound",
    "TargetSignature",
    "Ternary",
    "Trust",
    "ValueType",
    "accepts",
    "accepts_product",
    "check",
    "is_instance",
    "is_kind",
    "lightning_namespace",
    "supplied_by_code",
]
