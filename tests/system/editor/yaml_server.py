"""A client of yaml-language-server, the server that VS Code, Neovim and others run, over stdio.

Lines and columns count from 1, as editors show them.
"""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

TIMEOUT_S = 120.0

# The messages of the protocol are JSON; `Any` below is that.


class YamlServerError(Exception):
    """The server ended, refused a request, or did not answer in time."""


@dataclass(frozen=True)
class Mark:
    """What an editor underlines."""

    line: int
    column: int
    message: str
    source: str


class YamlServer:
    """One running server; a context manager.

    Args:
        modules: `node_modules` with the server in it.
        root: the workspace.
        settings: what the editor's settings say below `yaml`, such as `schemas`.
    """

    def __init__(self, modules: Path, root: Path, settings: dict[str, Any]) -> None:
        script = modules / "yaml-language-server" / "bin" / "yaml-language-server"
        self._root = root
        offline = {"schemaStore": {"enable": False}, "kubernetesCRDStore": {"enable": False}}
        self._settings = {"validate": True, "hover": True, "completion": True, **offline, **settings}
        self._process = subprocess.Popen(
            ["node", str(script), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._marks: queue.Queue[tuple[str, list[dict[str, Any]]]] = queue.Queue()
        self._configured = threading.Event()
        self._sending = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._requests = 0
        self._opened = 0

    def __enter__(self) -> YamlServer:
        self._reader.start()
        completion = {"completionItem": {"documentationFormat": ["markdown"], "snippetSupport": True}}
        self._request(
            "initialize",
            {
                "processId": None,
                "rootUri": self._root.as_uri(),
                "workspaceFolders": [{"uri": self._root.as_uri(), "name": self._root.name}],
                "capabilities": {
                    "workspace": {"configuration": True, "workspaceFolders": True},
                    "textDocument": {"completion": completion, "publishDiagnostics": {}},
                },
            },
        )
        self._notify("initialized", {})
        if not self._configured.wait(TIMEOUT_S):
            raise YamlServerError("the server did not ask for its settings")
        # answered only once the settings sent before have been read
        self._request("textDocument/foldingRange", {"textDocument": {"uri": "untitled:none"}})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(TIMEOUT_S)
        self._reader.join(TIMEOUT_S)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def open(self, folder: str, text: str) -> str:
        """Show a text as a new file in a folder of the workspace: the server remembers a path's text."""
        self._opened += 1
        return self.open_as(f"{folder}/case{self._opened}.yaml", text)

    def open_as(self, path: str, text: str) -> str:
        """Show a text as the file at a path in the workspace; gives its URI."""
        uri = (self._root / path).as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._notify("textDocument/didOpen", {"textDocument": document})
        return uri

    def marks(self, uri: str) -> list[Mark]:
        """What the server says of a file that was opened once: it says it once."""
        found: list[dict[str, Any]] | None = None
        while found is None:
            try:
                which, marks = self._marks.get(timeout=TIMEOUT_S)
            except queue.Empty:
                raise YamlServerError(f"no diagnostics within {TIMEOUT_S} s") from None
            if which == uri:
                found = marks
        return sorted((_mark(item) for item in found), key=lambda mark: (mark.line, mark.column))

    def completions(self, uri: str, line: int, column: int) -> list[str]:
        """The labels that are offered at a place."""
        answer = self._request("textDocument/completion", _at(uri, line, column))
        return [item["label"] for item in answer["items"]]

    def hover(self, uri: str, line: int, column: int) -> str:
        """What is shown at a place, in Markdown; empty for nothing."""
        answer = self._request("textDocument/hover", _at(uri, line, column))
        return str(answer["contents"]["value"]) if answer else ""

    def _request(self, method: str, params: Any) -> Any:
        self._requests += 1
        number = self._requests
        self._send({"id": number, "method": method, "params": params})
        while True:
            try:
                answer = self._answers.get(timeout=TIMEOUT_S)
            except queue.Empty:
                raise YamlServerError(f"no answer to {method} within {TIMEOUT_S} s") from None
            if answer is None:
                raise YamlServerError(f"the server ended before it answered {method}")
            if answer["id"] == number:
                break
        if "error" in answer:
            raise YamlServerError(f"{method}: {answer['error']}")
        return answer["result"]

    def _notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        with self._sending:
            self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while header := self._process.stdout.readline():
            name, _, value = header.partition(b":")
            if name.lower() != b"content-length":
                continue
            while self._process.stdout.readline().strip():
                pass
            self._dispatch(json.loads(self._process.stdout.read(int(value))))
        self._answers.put(None)

    def _dispatch(self, message: dict[str, Any]) -> None:
        match message.get("method"):
            case None:
                self._answers.put(message)
            case "textDocument/publishDiagnostics":
                self._marks.put((message["params"]["uri"], message["params"]["diagnostics"]))
            case "workspace/configuration":
                wanted = [item.get("section") for item in message["params"]["items"]]
                result = [self._settings if section == "yaml" else {} for section in wanted]
                self._send({"id": message["id"], "result": result})
                self._configured.set()
            case _ if "id" in message:
                self._send({"id": message["id"], "result": None})


def _at(uri: str, line: int, column: int) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": line - 1, "character": column - 1}}


def _mark(item: dict[str, Any]) -> Mark:
    start = item["range"]["start"]
    return Mark(start["line"] + 1, start["character"] + 1, item["message"], item.get("source", ""))
