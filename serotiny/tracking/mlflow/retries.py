"""Repeat a call of MLflow's client while the store is busy, and translate its exceptions."""

from __future__ import annotations

import http.client
import json
import re
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

from serotiny.diagnostics import SerotinyError
from serotiny.tracking.clock import jittered
from serotiny.tracking.errors import TrackingError, misunderstood, of_another_version, unreachable

_T = TypeVar("_T")

_TRANSIENT_CODES = frozenset({"TEMPORARILY_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED", "ABORTED"})
_TRANSIENT_WORDS = re.compile(
    r"database is locked"
    r"|failed with (?:exception|timeout)"  # the HTTP layer's: connection refused, reset, timed out
    r"|failed with error code (?:408|425|429|5\d\d)"
    r"|response body was not in a valid JSON format"  # cut off on its way, or from a proxy
)
_OTHER_TABLES = re.compile(
    r"out-of-date database schema|no such (?:column|table)|has no column named"
    r"|Undefined(?:Column|Table)|Unknown column|Invalid column name|Invalid object name"
)
"""What MLflow, SQLite, PostgreSQL, MySQL and SQL Server say of tables that are not as MLflow expects them."""
_SERVERS = ("http://", "https://")  # whose databases are none of ours to upgrade
_ATTEMPTS = 6


def retried(uri: str, call: Callable[[], _T], attempts: int = _ATTEMPTS) -> _T:
    """The result of `call` to the store at `uri`; it is repeated while the store is busy or not there.

    Raises:
        TransientTrackingError: it still is after all attempts; the message says what to do.
        TrackingError: the store refuses the request, was made by another version of MLflow, or does not answer as
            MLflow does.
    """
    from google.protobuf.json_format import ParseError  # type: ignore[import-untyped]  # without types
    from mlflow.exceptions import MlflowException

    for attempt in range(attempts):
        try:
            return call()
        except MlflowException as error:
            if isinstance(error.__context__, TrackingError):
                raise error.__context__ from None
            if not uri.startswith(_SERVERS) and _OTHER_TABLES.search(str(error)):
                raise of_another_version(uri) from None
            if not is_transient(error):
                raise TrackingError(str(error)) from None
            if attempt == attempts - 1:
                raise unreachable(uri, reason_of(error)) from None
        except json.JSONDecodeError as error:
            if attempt == attempts - 1:
                raise unreachable(uri, f"its answer is no JSON: {error}") from None
        except ParseError as error:
            raise misunderstood(uri, error) from None
        time.sleep(jittered(0.1 * 2**attempt))
    raise AssertionError("unreachable: the last attempt returns or raises")


def is_transient(error: Any) -> bool:
    """Whether the same request may succeed a moment later."""
    code, text = getattr(error, "error_code", ""), str(error)
    is_servers = type(error).__name__ == "RestException"
    return (
        code in _TRANSIENT_CODES
        or _TRANSIENT_WORDS.search(text) is not None
        or (code == "INTERNAL_ERROR" and (is_servers or "deadlock" in text.lower()))
    )


def is_lost_connection(error: BaseException) -> bool:
    """Whether a server could not be reached, or went away while it answered."""
    first = _first(error)
    return is_transient(error) or isinstance(
        first, ConnectionError | TimeoutError | http.client.HTTPException
    )


def reason_of(error: BaseException) -> str:
    """Why a request failed, in the words of the first error: each library in between repeats the whole request."""
    first = _first(error)
    words = first.strerror if isinstance(first, OSError) else None
    return " ".join((words or str(first) or type(first).__name__).split())


def _first(error: BaseException) -> BaseException:
    """The error of Python itself behind those that libraries have made of it, or else the first one of a library."""
    while type(error).__module__.partition(".")[0] not in sys.stdlib_module_names:
        # urllib3 puts the error of a connection that was cut off into its own
        inner = next((given for given in error.args if isinstance(given, Exception)), None)
        before = error.__cause__ or error.__context__ or inner
        if before is None or isinstance(before, SerotinyError):
            break
        error = before
    return error
