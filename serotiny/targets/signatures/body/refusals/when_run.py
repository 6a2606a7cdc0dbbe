"""What layers, losses and schedulers of torch's refuse only when they are first run; a test runs each of them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from serotiny.targets.signature import Refusal
from serotiny.targets.value_types.conditions import ITEM

if TYPE_CHECKING:
    from collections.abc import Mapping

_MESSAGE: Final = repr("its first call fails")


def _below(limit: int, *names: str) -> tuple[str, ...]:
    """Parameters that are a number, or a list of such, below a limit."""
    return tuple(f"{name} < {limit} or any(({ITEM} < {limit} for {ITEM} in {name}))" for name in names)


_CONVOLUTION: Final = (*_below(1, "kernel_size", "stride", "dilation"), *_below(0, "padding"))
_MAX_POOL: Final = (*_below(1, "kernel_size", "stride", "dilation"), *_below(0, "padding"))
_AVERAGE_POOL: Final = (*_below(1, "kernel_size", "stride"), *_below(0, "padding"))
_ADAPTIVE_POOL: Final = _below(0, "output_size")
_REDUCTION: Final = "reduction not in ('none', 'mean', 'sum', 'elementwise_mean')"
_REDUCED: Final = (f"size_average is None and reduce is None and {_REDUCTION}",)
_DIMENSIONS: Final = (1, 2, 3)
_LOSSES: Final = (
    *("BCELoss", "BCEWithLogitsLoss", "CosineEmbeddingLoss", "CrossEntropyLoss", "HingeEmbeddingLoss"),
    *("L1Loss", "MSELoss", "MarginRankingLoss", "MultiLabelMarginLoss", "MultiMarginLoss", "NLLLoss"),
    *("PoissonNLLLoss", "SmoothL1Loss", "SoftMarginLoss", "TripletMarginLoss"),
)

_OF_LAYERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        **{f"conv.Conv{count}d": _CONVOLUTION for count in _DIMENSIONS},
        **{f"conv.ConvTranspose{count}d": _CONVOLUTION for count in _DIMENSIONS},
        **{f"pooling.MaxPool{count}d": _MAX_POOL for count in _DIMENSIONS},
        **{f"pooling.AvgPool{count}d": _AVERAGE_POOL for count in _DIMENSIONS},
        **{f"pooling.AdaptiveAvgPool{count}d": _ADAPTIVE_POOL for count in _DIMENSIONS},
        **{f"pooling.AdaptiveMaxPool{count}d": _ADAPTIVE_POOL for count in _DIMENSIONS},
        "fold.Unfold": (*_below(1, "kernel_size", "stride", "dilation"), *_below(0, "padding")),
        "pixelshuffle.PixelShuffle": ("upscale_factor < 1",),
        "pixelshuffle.PixelUnshuffle": ("downscale_factor < 1",),
        "channelshuffle.ChannelShuffle": ("groups < 1",),
        "normalization.GroupNorm": ("num_groups < 1",),
        "normalization.LocalResponseNorm": ("size < 1",),
        "activation.MultiheadAttention": ("dropout > 1",),
        "activation.RReLU": ("lower > upper",),
        "upsampling.Upsample": (
            "size is None and scale_factor <= 0",
            "align_corners is not None and mode in ('nearest', 'nearest-exact', 'area')",
        ),
        **{f"loss.{name}": _REDUCED for name in _LOSSES},
        "loss.CrossEntropyLoss": (*_REDUCED, "label_smoothing > 1"),
        "loss.SmoothL1Loss": (*_REDUCED, "beta < 0"),
        "loss.HuberLoss": (_REDUCTION, "delta <= 0"),
        "loss.CTCLoss": (_REDUCTION,),
    }
)
_OF_SCHEDULERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"CosineAnnealingLR": ("T_max == 0",), "CyclicLR": ("step_size_up == 0",), "StepLR": ("step_size == 0",)}
)
WHEN_RUN: Final[Mapping[str, tuple[Refusal, ...]]] = MappingProxyType(
    {
        path: tuple(Refusal(test, _MESSAGE) for test in tests)
        for path, tests in (
            *((f"torch.nn.modules.{name}", tests) for name, tests in _OF_LAYERS.items()),
            *((f"torch.optim.lr_scheduler.{name}", tests) for name, tests in _OF_SCHEDULERS.items()),
        )
    }
)
"""The path of a class → what it refuses. One that derives from it may be run in another way."""
