"""Values that torch works with though its annotations say otherwise; a test runs each of them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from serotiny.targets.value_types.tolerance import stands_for_bool
from serotiny.targets.value_types.types import BoolType, parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serotiny.targets.signature import Parameter, TargetSignature

_INPLACE: Final = frozenset({"inplace"})
_OF_LAYERS: Final = frozenset({"batch_first", "bias", "norm_first"})

FLAGS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "Linear": frozenset({"bias"}),
        "Bilinear": frozenset({"bias"}),
        "_ConvNd": frozenset({"bias"}),
        "_NormBase": frozenset({"affine", "track_running_stats"}),
        "LayerNorm": frozenset({"bias", "elementwise_affine"}),
        "GroupNorm": frozenset({"affine"}),
        "RMSNorm": frozenset({"elementwise_affine"}),
        "MultiheadAttention": frozenset({"add_bias_kv", "add_zero_attn", "batch_first", "bias"}),
        "TransformerEncoderLayer": _OF_LAYERS,
        "TransformerDecoderLayer": _OF_LAYERS,
        "_MaxPoolNd": frozenset({"return_indices"}),
        "_DropoutNd": _INPLACE,
        "CELU": _INPLACE,
        "ELU": _INPLACE,
        "Hardsigmoid": _INPLACE,
        "Hardswish": _INPLACE,
        "Hardtanh": _INPLACE,
        "LeakyReLU": _INPLACE,
        "Mish": _INPLACE,
        "RReLU": _INPLACE,
        "ReLU": _INPLACE,
        "SELU": _INPLACE,
        "SiLU": _INPLACE,
        "Threshold": _INPLACE,
        "Adam": frozenset({"amsgrad", "capturable", "decoupled_weight_decay", "maximize"}),
        "SGD": frozenset({"maximize", "nesterov"}),
        "RMSprop": frozenset({"capturable", "centered", "maximize"}),
        "Adagrad": frozenset({"maximize"}),
        "NAdam": frozenset({"capturable", "maximize"}),
        "RAdam": frozenset({"capturable", "maximize"}),
        "OneCycleLR": frozenset({"cycle_momentum", "three_phase"}),
        "CyclicLR": frozenset({"cycle_momentum"}),
        "DataLoader": frozenset({"in_order", "persistent_workers", "pin_memory"}),
        "DistributedSampler": frozenset({"drop_last", "shuffle"}),
    }
)
"""Class → its switches of which nothing but their truth is used.

Others are handed to compiled code or compared with their type: `LSTM(batch_first=None)` and
`DataLoader(drop_last=None)` fail.
"""


WHOLE_NUMBERS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "StepLR": frozenset({"step_size"}),
        "CosineAnnealingLR": frozenset({"T_max"}),
        "ReduceLROnPlateau": frozenset({"cooldown", "patience"}),
        **dict.fromkeys(("ConstantLR", "LinearLR", "PolynomialLR"), frozenset({"total_iters"})),
    }
)
"""Class → the numbers that are only compared and reckoned with: `1e3`, a float, is as good as `1000`.

Other schedulers ask for an int: `CosineAnnealingWarmRestarts(T_0=1e3)` fails.
"""


def is_reckoned_with(signature: TargetSignature, parameter: Parameter, value: Any) -> bool:
    """Whether a value is a whole float for a number of which nothing but its size is used."""
    if not isinstance(value, float) or not value.is_integer():
        return False
    return _is_listed(signature, parameter, WHOLE_NUMBERS)


def is_switched(signature: TargetSignature, parameter: Parameter, value: Any) -> bool:
    """Whether a value is null, 0 or 1 for such a switch, of a class of torch's or one derived from it."""
    if not stands_for_bool(value) or not any(isinstance(part, BoolType) for part in parts(parameter.type)):
        return False
    return _is_listed(signature, parameter, FLAGS)


def _is_listed(signature: TargetSignature, parameter: Parameter, table: Mapping[str, frozenset[str]]) -> bool:
    names = (base.rpartition(".")[2] for base in signature.bases if base.startswith("torch."))
    return any(parameter.name in table.get(name, ()) for name in names)
