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
class TextForm:
    """How an object is written as a text.

    Attributes:
        example: such a text.
        read: makes the object of what a config has for it; None where that takes a package which only a job imports.
        pattern: what its texts are like, then.
    """

    example: str
    read: Callable[[Any], Any] | None = None
    pattern: re.Pattern[str] | None = None

    def reads(self, text: str) -> bool:
        """Whether a text stands for such an object; one that would take long to read counts as such."""
        if len(text) > _LONGEST:
            return True
        if self.pattern is not None and self.pattern.fullmatch(text) is None:
            return False
        try:
            if self.read is not None:
                self.read(text)
        except (ValueError, ArithmeticError, RecursionError, re.error):
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


TEXT_FORMS: Final[Mapping[str, TextForm]] = MappingProxyType(
    {
        "builtins.complex": TextForm("1+2j", complex),
        "datetime.date": TextForm("2024-12-31", date.fromisoformat),
        "datetime.datetime": TextForm("2024-12-31 23:59:59", datetime.fromisoformat),
        "datetime.time": TextForm("23:59:59", time.fromisoformat),
        "decimal.Decimal": TextForm("0.5", _decimal),
        "fractions.Fraction": TextForm("1/3", _fraction),
        "re.Pattern": TextForm("[a-z]+", re.compile),
        "torch.device": TextForm("cuda:0", pattern=_DEVICES),
        "torch.dtype": TextForm("float32", pattern=_DTYPES),
        "uuid.UUID": TextForm("12345678-1234-5678-1234-567812345678", _uuid),
    }
)
"""The canonical path of a class → how it is written."""
