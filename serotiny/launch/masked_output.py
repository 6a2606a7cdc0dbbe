"""Mask secrets in what Hydra and its plugins print of a call around its jobs: they name the overrides of each job."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from typing import Any, TextIO, cast

from serotiny.credentials.known import KnownSecrets

_OF_HYDRA = "Error executing job with overrides:"
"""How Hydra begins a line that it writes past all logging, when the result of a job that failed is asked for."""


@contextmanager
def masked_output(secrets: KnownSecrets) -> Iterator[None]:
    """Within, no log record and no line of Hydra's on stderr holds a secret.

    A filter of the handlers would not last: Hydra makes new ones before and after each job.
    """
    make = logging.getLogRecordFactory()

    def make_masked(*arguments: Any, **options: Any) -> logging.LogRecord:
        record = make(*arguments, **options)
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            return record  # its handler fails too
        if (masked := secrets.mask(text)) != text:
            record.msg, record.args = masked, ()
        return record

    logging.setLogRecordFactory(make_masked)
    try:
        with redirect_stderr(cast("TextIO", _MaskedStderr(sys.stderr, secrets))):
            yield
    finally:
        logging.setLogRecordFactory(make)


class _MaskedStderr:
    """The stream, in all but the lines of Hydra's own."""

    def __init__(self, stream: TextIO, secrets: KnownSecrets) -> None:
        self._stream = stream
        self._secrets = secrets

    def write(self, text: str) -> int:
        return self._stream.write(self._secrets.mask(text) if text.startswith(_OF_HYDRA) else text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
