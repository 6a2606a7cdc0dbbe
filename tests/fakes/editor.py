"""An editor that drives `serotiny lsp` over stdio, as a real one would."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

_PATIENCE_S = 120.0
"""More than the server needs on the slowest machine."""


class Editor:
    """Holds texts, and what the server said of them last."""

    def __init__(self, client: LanguageClient, root: Path) -> None:
        self.client = client
        self.root = root
        self.texts: dict[Path, str] = {}
        self.versions: dict[Path, int] = {}
        self.shown: dict[str, lsp.PublishDiagnosticsParams] = {}
        self.log: list[str] = []
        self._news = asyncio.Event()

    # ---- files ----

    def open(self, path: Path, text: str | None = None) -> None:
        self.texts[path] = path.read_text("utf-8") if text is None else text
        self.versions[path] = 1
        item = lsp.TextDocumentItem(path.as_uri(), "yaml", 1, self.texts[path])
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def change(self, path: Path, text: str) -> int:
        """Type a whole new text; gives its version."""
        self.texts[path] = text
        self.versions[path] += 1
        document = lsp.VersionedTextDocumentIdentifier(uri=path.as_uri(), version=self.versions[path])
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))
        return self.versions[path]

    def close(self, path: Path) -> None:
        self.client.text_document_did_close(
            lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(path.as_uri()))
        )

    # ---- diagnostics ----

    def published(self, params: lsp.PublishDiagnosticsParams) -> None:
        self.shown[params.uri] = params
        self._news.set()

    async def diagnostics(self, path: Path) -> list[lsp.Diagnostic]:
        """What the server says of the newest text of a file."""

        async def wait() -> list[lsp.Diagnostic]:
            while True:
                found = self.shown.get(path.as_uri())
                if found is not None and found.version == self.versions.get(path, found.version):
                    return list(found.diagnostics)
                self._news.clear()
                await self._news.wait()

        return await asyncio.wait_for(wait(), _PATIENCE_S)

    async def until(self, holds: Callable[[], bool]) -> bool:
        """Wait until something holds of what is shown; False if it does not after a long time."""
        deadline = time.monotonic() + _PATIENCE_S
        while not holds():
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), deadline - time.monotonic())
            except TimeoutError:
                return False
        return True

    async def settle(self, quiet_s: float = 0.3) -> float | None:
        """Wait until the server has said nothing for a while; gives when it last said something (perf_counter)."""
        last: float | None = None
        while True:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), quiet_s)
            except TimeoutError:
                return last
            last = time.perf_counter()

    # ---- questions; `|` in a needle marks the cursor ----

    def position(self, path: Path, needle: str) -> lsp.Position:
        """Where the `|` of `needle` stands in the text of a file."""
        text = self.texts.get(path) or path.read_text("utf-8")
        offset = text.index(needle.replace("|", "")) + needle.index("|")
        before = text[:offset].split("\n")
        return lsp.Position(len(before) - 1, len(before[-1].encode("utf-16-le")) // 2)

    async def complete(self, path: Path, needle: str) -> list[lsp.CompletionItem]:
        params = lsp.CompletionParams(self._document(path), self.position(path, needle))
        found = await self.client.text_document_completion_async(params)
        return list(found.items) if isinstance(found, lsp.CompletionList) else list(found or ())

    async def hover(self, path: Path, needle: str) -> str:
        params = lsp.HoverParams(self._document(path), self.position(path, needle))
        found = await self.client.text_document_hover_async(params)
        if found is None:
            return ""
        assert isinstance(found.contents, lsp.MarkupContent)
        return found.contents.value

    async def definition(self, path: Path, needle: str) -> list[tuple[str, int]]:
        params = lsp.DefinitionParams(self._document(path), self.position(path, needle))
        found = await self.client.text_document_definition_async(params)
        assert isinstance(found, list | tuple)
        return [_at(item) for item in found if isinstance(item, lsp.Location)]

    async def references(self, path: Path, needle: str, declaration: bool = True) -> list[tuple[str, int]]:
        context = lsp.ReferenceContext(include_declaration=declaration)
        params = lsp.ReferenceParams(context, self._document(path), self.position(path, needle))
        return sorted(_at(item) for item in await self.client.text_document_references_async(params) or ())

    async def rename(self, path: Path, needle: str, name: str) -> dict[Path, str]:
        """The texts of the files that a rename changes."""
        params = lsp.RenameParams(self._document(path), self.position(path, needle), name)
        edit = await self.client.text_document_rename_async(params)
        assert edit is not None
        return self.applied(edit)

    async def quick_fixes(self, path: Path, needle: str) -> list[lsp.CodeAction]:
        where = self.position(path, needle)
        context = lsp.CodeActionContext(diagnostics=[])
        params = lsp.CodeActionParams(self._document(path), lsp.Range(where, where), context)
        found = await self.client.text_document_code_action_async(params) or ()
        return [item for item in found if isinstance(item, lsp.CodeAction)]

    def applied(self, edit: lsp.WorkspaceEdit) -> dict[Path, str]:
        """The texts after an edit, by file."""
        changed: dict[Path, str] = {}
        for uri, edits in (edit.changes or {}).items():
            path = Path(uri.removeprefix("file://"))
            text = self.texts.get(path) or path.read_text("utf-8")
            for item in sorted(
                edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True
            ):
                start, end = _offset(text, item.range.start), _offset(text, item.range.end)
                text = text[:start] + item.new_text + text[end:]
            changed[path] = text
        return changed

    def _document(self, path: Path) -> lsp.TextDocumentIdentifier:
        return lsp.TextDocumentIdentifier(path.as_uri())


def _at(location: lsp.Location) -> tuple[str, int]:
    return location.uri.rpartition("/")[2], location.range.start.line + 1


def _offset(text: str, position: lsp.Position) -> int:
    lines = text.split("\n")
    units = lines[position.line].encode("utf-16-le")[: position.character * 2]
    return sum(len(line) + 1 for line in lines[: position.line]) + len(units.decode("utf-16-le"))


@asynccontextmanager
async def editor_of(root: Path) -> AsyncIterator[Editor]:
    """A running server and an editor whose folder is `root`."""
    client = LanguageClient("test-editor", "1")
    editor = Editor(client, root)

    @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator] # pygls types servers
    def published(params: lsp.PublishDiagnosticsParams) -> None:
        editor.published(params)

    @client.feature(lsp.WINDOW_LOG_MESSAGE)  # type: ignore[untyped-decorator] # pygls types servers
    def logged(params: lsp.LogMessageParams) -> None:
        editor.log.append(params.message)

    await client.start_io(sys.executable, "-m", "serotiny.cli.main", "lsp", "--stdio", cwd=root)
    parameters = lsp.InitializeParams(
        capabilities=lsp.ClientCapabilities(), root_uri=root.as_uri(), process_id=None
    )
    await client.initialize_async(parameters)
    client.initialized(lsp.InitializedParams())
    try:
        yield editor
    finally:
        await asyncio.wait_for(client.shutdown_async(None), _PATIENCE_S)
        client.exit(None)
        await asyncio.wait_for(client.stop(), _PATIENCE_S)  # type: ignore[no-untyped-call] # pygls types servers
