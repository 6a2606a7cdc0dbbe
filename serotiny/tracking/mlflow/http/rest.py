"""MLflow's documented REST endpoints, with only the standard library.

`check --runs` avoids importing mlflow, which takes 1.4 s. For logging, MLflow's client takes some 20 µs of processor
time for each metric, and one JSON document a tenth of that.
"""

from __future__ import annotations

import base64
import configparser
import http.client
import json
import os
import ssl
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from serotiny.tracking.errors import (
    TimedOutError,
    TrackingError,
    TransientTrackingError,
    UnreachableError,
    misunderstood,
    too_large,
    too_slow,
    unreachable,
    without_page,
)
from serotiny.tracking.mlflow.http.patient import PatientResponse

_TIMEOUT_S = 30.0
LARGEST_ANSWER = 50_000_000
"""In bytes; a page of a thousand runs with a hundred tags each has a tenth of it."""
_BLOCK_BYTES = 1 << 16
"""Of an answer as it is sent; a compressed one may become a thousand times as large."""
_PATIENCE_S = 60.0
_LEAST_BYTES_A_SECOND = 4_000
"""What a telephone line gives."""
# the status codes after which MLflow's client retries (mlflow.utils.request_utils), and 425 Too Early
_TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
PLAIN_AUTH = "serotiny-bounded"
"""The value of `MLFLOW_TRACKING_AUTH` by which MLflow's client calls our plug-in, which adds nothing to a request."""
# Settings of MLflow's client that are not implemented here.
_CLIENT_ONLY_SETTINGS = (
    "MLFLOW_TRACKING_AUTH",
    "MLFLOW_TRACKING_AWS_SIGV4",
    "MLFLOW_TRACKING_CLIENT_CERT_PATH",
    "MLFLOW_WORKSPACE",
)


class NotPlainError(Exception):
    """The store needs MLflow's own client: another scheme, a proxy, a redirect, special authentication."""


class RestError(TrackingError):
    """The server refused a request; `code` is MLflow's error code."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def understood(uri: str) -> Iterator[None]:
    """A context for reading a server's answer, which translates lookup errors.

    Raises:
        TrackingError: the answer is not of the form that MLflow's answers have.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise misunderstood(uri, error) from error


def blocks_of(
    read: Callable[[int], bytes],
    uri: str,
    most_bytes: int = LARGEST_ANSWER,
    patience_s: float = _PATIENCE_S,
) -> Iterator[bytes]:
    """The blocks of what the server at `uri` sends, which may have no end.

    Args:
        read: gives what has come, at most so many bytes, and none at the end.
        uri: the address of the server.
        most_bytes: of them all.
        patience_s: the time for which it may send as slowly as it wants.

    Raises:
        TrackingError: there are more bytes.
        TransientTrackingError: they come more slowly than on any line.
    """
    start = time.monotonic()
    count = 0
    while block := read(_BLOCK_BYTES):
        count += len(block)
        if count > most_bytes:
            raise too_large(uri, most_bytes)
        if count < _LEAST_BYTES_A_SECOND * (time.monotonic() - start - patience_s):
            raise too_slow(uri, _LEAST_BYTES_A_SECOND)
        yield block


class RestConnection:
    """One persistent connection to an MLflow server; only one thread at a time may use it."""

    def __init__(self, uri: str, timeout_s: float = _TIMEOUT_S) -> None:
        """Prepare a connection; nothing is sent yet.

        Raises:
            NotPlainError: the store needs MLflow's client.
        """
        parts = urlsplit(uri)
        if parts.scheme not in {"http", "https"} or not parts.hostname or _needs_client(parts.hostname):
            raise NotPlainError
        self._uri = uri
        self._prefix = parts.path.rstrip("/")
        self._headers = {"Content-Type": "application/json", **_authorization(parts.username, parts.password)}
        self._connection: http.client.HTTPConnection
        if parts.scheme == "https":
            self._connection = http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=timeout_s, context=_tls_context()
            )
        else:
            self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout_s)
        self._connection.response_class = PatientResponse

    def get(self, endpoint: str, query: Mapping[str, str]) -> dict[str, Any]:
        """The answer of `GET /api/2.0/mlflow/ENDPOINT`; raises as `post` does."""
        return self._ask("GET", f"{endpoint}?{urlencode(query)}", None)

    def post(self, endpoint: str, document: bytes) -> dict[str, Any]:
        """The answer of `POST /api/2.0/mlflow/ENDPOINT` with a JSON document.

        Raises:
            TransientTrackingError: there is no connection, it timed out, or the server is busy.
            RestError: the server refused the request.
            NotPlainError: the server needs MLflow's client.
        """
        return self._ask("POST", endpoint, document)

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        self._connection.close()

    def _ask(self, method: str, endpoint: str, body: bytes | None) -> dict[str, Any]:
        path = f"{self._prefix}/api/2.0/mlflow/{endpoint}"
        try:
            self._connection.request(method, path, body, self._headers)
            response = self._connection.getresponse()
            payload = b"".join(blocks_of(response.read1, self._uri))
            response.close()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            kind = TimedOutError if isinstance(error, TimeoutError) else UnreachableError
            raise unreachable(self._uri, str(error) or type(error).__name__, kind) from None
        except TrackingError:
            self._connection.close()
            raise
        # http.client does not follow redirects
        if response.status in {301, 302, 303, 307, 308}:
            raise NotPlainError
        return self._answer(response.status, payload, response.headers.get("Retry-After"))

    def _answer(self, status: int, payload: bytes, retry_after: str | None) -> dict[str, Any]:
        try:
            answer = json.loads(payload or b"{}")
        except (ValueError, RecursionError):
            answer = None
        if status == 200 and isinstance(answer, dict):
            return answer
        document = answer if isinstance(answer, dict) else {}
        message = document.get("message") or without_page(payload[:200].decode("utf-8", "replace"))
        text = f"the tracking server {self._uri} answers {status}: {message}"
        # a 200 that is not JSON was truncated, or comes from a proxy
        if status in _TRANSIENT_STATUS or status == 200:
            seconds = float(retry_after) if retry_after is not None and retry_after.isdecimal() else 0.0
            raise TransientTrackingError(text, retry_after_s=seconds)
        raise RestError(text, str(document.get("error_code", status)))


def _needs_client(host: str) -> bool:
    if any(os.environ.get(name, PLAIN_AUTH) not in {"", PLAIN_AUTH} for name in _CLIENT_ONLY_SETTINGS):
        return True
    return bool(urllib.request.getproxies()) and not urllib.request.proxy_bypass(host)


def _authorization(user: str | None, password: str | None) -> dict[str, str]:
    """The header in MLflow's order: environment, then credentials file; basic, then bearer; last the address itself."""
    file = configparser.ConfigParser()
    file.read(Path("~/.mlflow/credentials").expanduser(), encoding="utf-8")
    stored = file["mlflow"] if file.has_section("mlflow") else {}
    name = os.environ.get("MLFLOW_TRACKING_USERNAME") or stored.get("mlflow_tracking_username")
    secret = os.environ.get("MLFLOW_TRACKING_PASSWORD") or stored.get("mlflow_tracking_password")
    if name and secret:
        return _basic(name, secret)
    if token := os.environ.get("MLFLOW_TRACKING_TOKEN"):
        return {"Authorization": f"Bearer {token}"}
    return _basic(unquote(user), unquote(password or "")) if user else {}


def _basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode("ascii")}


def _tls_context() -> ssl.SSLContext:
    context = ssl.create_default_context(
        cafile=os.environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH") or os.environ.get("REQUESTS_CA_BUNDLE")
    )
    if os.environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() in {"true", "1"}:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
