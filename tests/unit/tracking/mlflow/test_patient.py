"""How long the headers of an answer are waited for."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException

import pytest

from serotiny.tracking.mlflow.http import patient
from serotiny.tracking.mlflow.http.patient import PatientResponse


@contextmanager
def answered(*parts: bytes | float, without_end: bool = False) -> Iterator[PatientResponse]:
    """The answer of a server that sends these parts, and waits for so many seconds between them."""
    ours, servers = socket.socketpair()

    def send() -> None:
        with servers, suppress(OSError):
            for part in itertools.cycle(parts) if without_end else parts:
                if isinstance(part, float):
                    time.sleep(part)
                else:
                    servers.sendall(part)

    threading.Thread(target=send, daemon=True).start()
    with ours:
        ours.settimeout(10)
        with PatientResponse(ours) as answer:
            yield answer


@pytest.mark.parametrize("part", [b"a", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: y\r\n"])
def test_headers_without_end_are_not_waited_for(part: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte of them comes before a timeout of the connection."""
    monkeypatch.setattr(patient, "HEADERS_WITHIN_S", 0.5)

    with (
        answered(part, 0.05, without_end=True) as answer,
        pytest.raises((TimeoutError, HTTPException), match=r"have not come within|got more than"),
    ):
        answer.begin()


def test_what_comes_after_the_headers_has_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer may be long, and is bounded where it is read."""
    monkeypatch.setattr(patient, "HEADERS_WITHIN_S", 0.3)
    parts = (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab", 0.6, b"cd")

    with answered(*parts) as answer:
        answer.begin()
        body = answer.read()

    assert 200 == answer.status
    assert b"abcd" == body
