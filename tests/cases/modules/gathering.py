"""Gathers the classes of its modules when it is imported."""

import inspect
from importlib import import_module
from pathlib import Path

FOUND = {
    name: value
    for file in Path(__file__).parent.glob("*_head.py")
    for name, value in inspect.getmembers(import_module(f"{__name__}.{file.stem}"), inspect.isclass)
}
__all__ = list(FOUND)
locals().update(FOUND)
