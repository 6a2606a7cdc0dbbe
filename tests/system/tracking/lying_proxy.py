"""A proxy in front of a real server that does not always hand on what it was asked or answered."""

from __future__ import annotations

import contextlib
import itertools
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "server", "date"}
)


class Answer(NamedTuple):
    """What a server says."""

    status: int
    headers: dict[str, str]
    body: bytes


Lie = Callable[[Callable[[], Answer]], Answer | None]
"""Is given what asks the server, and says what the client gets; None cuts the connection off."""


def truth(ask: Callable[[], Answer]) -> Answer:
    return ask()


def no_gateway(_ask: Callable[[], Answer]) -> Answer:
    """The request gets nowhere."""
    return Answer(502, {"Content-Type": "text/html"}, b"<html>bad gateway</html>")


def internal_error(ask: Callable[[], Answer]) -> Answer:
    """The request was carried out, and the answer says that it was not."""
    ask()
    return Answer(
        500, {"Content-Type": "application/json"}, b'{"error_code": "INTERNAL_ERROR", "message": "oops"}'
    )


def too_many(_ask: Callable[[], Answer]) -> Answer:
    return Answer(429, {"Content-Type": "text/plain", "Retry-After": "1"}, b"slow down")


def truncated(ask: Callable[[], Answer]) -> Answer:
    """The request was carried out, and half of the answer gets through."""
    answer = ask()
    return (
        answer._replace(body=answer.body[: max(1, len(answer.body) // 2)]) if answer.status == 200 else answer
    )


def gone(_ask: Callable[[], Answer]) -> None:
    """There is no server any more."""


@contextlib.contextmanager
def lying_proxy(server: str, lies: Sequence[Lie]) -> Iterator[str]:
    """The address of a proxy that answers in turn as `lies` say."""
    turns = itertools.cycle(lies)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length else None
            headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP_BY_HOP}
            asked = urllib.request.Request(server + self.path, body, headers, method=self.command)
            with lock:
                lie = next(turns)
            answer = lie(lambda: _ask(asked))
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler._handle)
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{proxy.server_address[1]}"
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()


def _ask(request: urllib.request.Request) -> Answer:
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return Answer(answer.status, _headers(answer.headers), answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, _headers(error.headers), error.read())


def _headers(headers: object) -> dict[str, str]:
    return {k: v for k, v in headers.items() if k.lower() not in _HOP_BY_HOP}  # type: ignore[attr-defined]
