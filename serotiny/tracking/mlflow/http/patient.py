"""An answer whose headers have to come within a time: a server may send a byte of them now and then, without end."""

from __future__ import annotations

import http.client
import io
import math
import socket
import time
from typing import Any

from typing_extensions import Buffer, override

HEADERS_WITHIN_S = 60.0


class PatientResponse(http.client.HTTPResponse):
    """`http.client`'s answer, of which the status and the headers are waited for no longer than a minute."""

    @override
    def __init__(self, sock: socket.socket, *given: Any, **named: Any) -> None:
        super().__init__(sock, *given, **named)
        self._stream = _Stream(sock.makefile("rb", buffering=0))
        self.fp.close()
        self.fp = io.BufferedReader(self._stream)

    @override
    def begin(self) -> None:
        self._stream.deadline = time.monotonic() + HEADERS_WITHIN_S
        super().begin()
        self._stream.deadline = math.inf


class _Stream(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase) -> None:
        self.deadline = math.inf
        self._raw = raw

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: Buffer) -> int | None:
        if time.monotonic() > self.deadline:
            raise TimeoutError(f"its headers have not come within {HEADERS_WITHIN_S:.0f} s")
        return self._raw.readinto(buffer)

    @override
    def close(self) -> None:
        self._raw.close()
        super().close()
