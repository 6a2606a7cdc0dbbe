"""An object whose pickle makes a file when it is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any


class Touches:
    """Pickled as a call that makes the file."""

    def __init__(self, file: str) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path(self.file),)
