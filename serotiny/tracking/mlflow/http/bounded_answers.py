"""A plug-in of MLflow's client that bounds what it reads of an answer; artifacts are written to the disk as they come.

MLflow calls it for each request that it makes, by the entry point `mlflow.request_auth_provider` and the variable
`MLFLOW_TRACKING_AUTH`. It authenticates as the client does without it; one that a user has set takes its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from mlflow.tracking.request_auth.abstract_request_auth_provider import RequestAuthProvider
from requests.auth import AuthBase, HTTPBasicAuth
from requests.utils import get_netrc_auth
from typing_extensions import override

from serotiny.tracking.mlflow.http.rest import PLAIN_AUTH, blocks_of


class BoundedAnswers(RequestAuthProvider):
    """Gives MLflow what it calls for each request."""

    @override
    def get_name(self) -> str:
        return PLAIN_AUTH

    @override
    def get_auth(self) -> AuthBase:
        return _Bound()


class _Bound(AuthBase):
    @override
    def __call__(self, request: Any) -> Any:
        # as requests does where there is no such object
        found = get_netrc_auth(request.url)
        if found is not None:
            request = HTTPBasicAuth(*found)(request)
        request.register_hook("response", _bound)
        return request


def _bound(response: Any, *, stream: bool, **_: Any) -> None:
    if not stream:
        response.raw = _BoundedStream(response.raw, response.url.partition("/api/")[0])


class _BoundedStream:
    """A stream of urllib3 that ends with an error where it is longer than any answer of MLflow's."""

    def __init__(self, stream: Any, uri: str) -> None:
        self._stream = stream
        self._uri = uri

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def stream(self, _: int, decode_content: bool) -> Iterator[bytes]:
        """The blocks of it.

        Raises:
            TrackingError: there are more bytes than are read, or they come more slowly than on any line.
        """
        return blocks_of(partial(self._stream.read1, decode_content=decode_content), self._uri)
