"""How often Python looks for garbage: rarely while modules are imported, which make many objects and no garbage."""

from __future__ import annotations

import atexit
import gc

_USUAL = gc.get_threshold()
_OBJECTS_BETWEEN_COLLECTIONS = 100_000


def collect_rarely() -> None:
    """Look for garbage only after many new objects."""
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)


def collect_never() -> None:
    """Look for no garbage, not even when the process ends: for one that ends soon, and leaves its objects to that.

    Python looks through all that is there twice as it ends, which takes a fifth of the time of a large check.
    """
    gc.set_threshold(0)
    atexit.register(gc.freeze)


class NoCollection:
    """Within `with NoCollection():` no garbage is looked for.

    It is for what makes very many objects that stay and little garbage: Python would go through all of them again
    and again.
    """

    def __enter__(self) -> None:
        self._was_enabled = gc.isenabled()
        gc.disable()

    def __exit__(self, *exception: object) -> None:
        if self._was_enabled:
            gc.enable()


def collect_as_usual() -> None:
    """Look for garbage as often as Python does, among the objects that are made from here on.

    The others, which are nearly all of modules and stay as long as the process, are passed over: going through them
    takes some tenths of a second each time.
    """
    if gc.get_threshold() != _USUAL:
        gc.freeze()
        gc.set_threshold(*_USUAL)
