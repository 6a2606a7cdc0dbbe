"""What libraries say of a file that they read nevertheless."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Remark:
    """A warning or an entry of a log.

    Attributes:
        place: file and line of the code that it comes from: one for each kind.
        text: what it says.
    """

    place: tuple[str, int]
    text: str


@contextmanager
def remarks(library: str, but: type[Warning] | None = None) -> Iterator[list[Remark]]:
    """What a library warns of in this thread, and logs as a warning or worse, which nobody else is told then.

    Warnings of the category `but` are not there. The list is complete in the end, if nothing is raised.
    """
    found: list[Remark] = []
    own = threading.get_ident()

    def collect(record: logging.LogRecord) -> bool:
        if record.thread != own:
            return True
        found.append(Remark((record.pathname, record.lineno), record.getMessage()))
        return False

    logger, level = logging.getLogger(library), None
    if not logger.isEnabledFor(logging.WARNING):
        level = logger.level
        logger.setLevel(logging.WARNING)
    logger.addFilter(collect)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            yield found
    finally:
        logger.removeFilter(collect)
        if level is not None:
            logger.setLevel(level)
    found += [
        Remark((item.filename, item.lineno), str(item.message))
        for item in warned
        if but is None or not issubclass(item.category, but)
    ]
