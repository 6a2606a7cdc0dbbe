"""Objects of Python's own that a config writes as a text, and that a job reads it as."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any, Final

_LONGEST: Final = 10_000
"""Of the texts that are read, in characters."""


@dataclass(frozen=True, slots=True)
class Written:
    """How an object is read from what a config has for it, and an example of that.

    Attributes:
        pattern: what its texts are like, where importing the package that reads them would take long.
    """

    read: Callable[[Any], Any]
    example: str
    pattern: re.Pattern[str] | None = None

    def reads(self, text: str) -> bool:
        """Whether a text stands for such an object; one that would take long to read counts as such."""
        if len(text) > _LONGEST:
            return True
        if self.pattern is not None:
            return self.pattern.fullmatch(text) is not None
        try:
            self.read(text)
        except (ValueError, ArithmeticError, OverflowError, RecursionError, re.error):
            return False
        return True


def _decimal(given: Any) -> Any:
    from decimal import Decimal

    return Decimal(str(given))


def _fraction(given: Any) -> Any:
    from fractions import Fraction

    text = str(given)
    exponent = _EXPONENT.search(text)
    if exponent is not None and abs(int(exponent[1])) > _MOST_DIGITS:
        raise ValueError(f"{text} has more digits than {_MOST_DIGITS}")
    return Fraction(text)


_EXPONENT: Final = re.compile(r"e([+-]?\d+)", re.IGNORECASE)
_MOST_DIGITS: Final = 4_300
"""As Python reads them of an integer; a fraction writes its exponent out."""


def _dtype(given: Any) -> Any:
    import torch

    found = getattr(torch, given.removeprefix("torch."))
    if not isinstance(found, torch.dtype):
        raise TypeError(given)
    return found


def _device(given: Any) -> Any:
    import torch

    return torch.device(given)


_DTYPES: Final = re.compile(
    r"(?:torch\.)?(?:bfloat16|bit|bool|c?double|c?float|half|chalf|int|long|short|complex(?:32|64|128)|float(?:16|32|64)"
    r"|u?int(?:[1-8]|16|32|64)|q(?:u?int8|int32|uint4x2|uint2x4)|bits(?:1x8|2x4|4x2|8|16)"
    r"|float8_(?:e4m3fn|e4m3fnuz|e5m2|e5m2fnuz|e8m0fnu)|float4_e2m1fn_x2)"
)
_DEVICES: Final = re.compile(
    r"(?:cpu|cuda|ipu|xpu|mkldnn|opengl|opencl|ideep|hip|ve|fpga|maia|xla|lazy|vulkan|mps|meta|hpu|mtia|privateuseone"
    # what other packages give that last one for a name
    r"|npu|mlu|musa|gcu|sdaa)(?::\d+)?"
)


def _uuid(given: Any) -> Any:
    from uuid import UUID

    return UUID(given)


WRITTEN: Final[Mapping[str, Written]] = MappingProxyType(
    {
        "builtins.complex": Written(complex, "1+2j"),
        "datetime.date": Written(date.fromisoformat, "2024-12-31"),
        "datetime.datetime": Written(datetime.fromisoformat, "2024-12-31 23:59:59"),
        "datetime.time": Written(time.fromisoformat, "23:59:59"),
        "decimal.Decimal": Written(_decimal, "0.5"),
        "fractions.Fraction": Written(_fraction, "1/3"),
        "re.Pattern": Written(re.compile, "[a-z]+"),
        "torch.device": Written(_device, "cuda:0", _DEVICES),
        "torch.dtype": Written(_dtype, "float32", _DTYPES),
        "uuid.UUID": Written(_uuid, "12345678-1234-5678-1234-567812345678"),
    }
)
"""The canonical path of a class → how it is written."""
