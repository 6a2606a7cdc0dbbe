"""The language server: answers the protocol's requests from one session for each project."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Protocol

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from serotiny.compiler.project import ProjectError, find_project
from serotiny.filesystem import real_path
from serotiny.language_server.completion import complete
from serotiny.language_server.diagnostics import as_protocol, file_diagnostics
from serotiny.language_server.hover import hover
from serotiny.language_server.navigation import Navigator
from serotiny.language_server.positions import Positions
from serotiny.language_server.protocol import AnsweringProtocol
from serotiny.language_server.quick_fixes import replacement
from serotiny.language_server.rename import CannotRename, rename, renamed_span
from serotiny.language_server.session import Session
from serotiny.language_server.target_completion import TargetOffers

_logger = logging.getLogger(__name__)

_EARLY_S = 0.04
"""Seconds after which the diagnostics of the file at hand are published, if compiling everything takes longer."""

_WATCHED = ("**/*.yaml", "**/*.py", "**/pyproject.toml")


class ConfigServer(LanguageServer):
    """Serves every project of which a file is open."""

    def __init__(self) -> None:
        # whole texts: configs are small, and no edit then has to be applied by the client's idea of a line
        super().__init__(
            "serotiny",
            metadata.version("serotiny"),
            text_document_sync_kind=lsp.TextDocumentSyncKind.Full,
            protocol_cls=AnsweringProtocol,
        )
        self._sessions: dict[Path, Session] = {}
        self._targets: dict[Path, TargetOffers] = {}
        self._refreshing: dict[Path, asyncio.Task[None]] = {}
        self._open: dict[Path, str] = {}
        self._published: dict[Path, set[Path]] = {}

    @property
    def encoding(self) -> str:
        """What the client's columns count."""
        return str(self.workspace.position_encoding or lsp.PositionEncodingKind.Utf16)

    def session_of(self, path: Path) -> Session | None:
        """The session of the project that a file is in; None outside of projects."""
        try:
            project = find_project(path.parent)
        except ProjectError as error:
            _logger.info("%s: %s", path, error)
            return None
        known = self._sessions.get(project.root)
        # another project at the same root: its pyproject.toml has changed
        if known is None or known.project != project:
            known = Session(project)
            for open_path in self._open:
                if known.config_path(open_path) is not None:
                    known.edit(open_path, self._text(open_path))
            self._sessions[project.root] = known
            self._targets[project.root] = TargetOffers(known)
        return known if known.config_path(path) is not None else None

    def targets_of(self, session: Session) -> TargetOffers:
        return self._targets[session.project.root]

    def opened(self, uri: str) -> None:
        path = path_of(uri)
        self._open[path] = uri
        session = self.session_of(path)
        if session is not None:
            session.edit(path, self._text(path))
            self.refresh(session, path)

    def changed(self, uri: str) -> None:
        path = path_of(uri)
        session = self.session_of(path)
        if session is not None:
            session.edit(path, self._text(path))
            self.refresh(session, path)

    def closed(self, uri: str) -> None:
        path = path_of(uri)
        self._open.pop(path, None)
        session = self.session_of(path)
        if session is not None:
            session.close(path)
            self.refresh(session)

    def watched(self, changes: list[lsp.FileEvent]) -> None:
        """Files on disk changed, came or went."""
        for session in self._sessions.values():
            for change in changes:
                path = path_of(change.uri)
                if not path.is_relative_to(session.project.root):
                    continue
                if path.suffix == ".py":
                    session.reload_code()
                    self._targets[session.project.root] = TargetOffers(session)
                elif path.suffix == ".yaml" and change.type is lsp.FileChangeType.Changed:
                    session.file_changed(path)
                else:
                    session.files_changed()
            self.refresh(session)

    def refresh(self, session: Session, at_hand: Path | None = None) -> None:
        """Compile what is stale and publish; a refresh that is still running is cancelled.

        Args:
            session: the project.
            at_hand: the file that was opened or edited, whose diagnostics do not wait for all others.
        """
        root = session.project.root
        running = self._refreshing.get(root)
        if running is not None:
            running.cancel()
        self._refreshing[root] = asyncio.ensure_future(self._refresh(session, at_hand))

    async def _refresh(self, session: Session, at_hand: Path | None) -> None:
        started, is_early = time.perf_counter(), False
        try:
            for _ in session.refresh():
                is_late = time.perf_counter() - started > _EARLY_S
                if at_hand is not None and is_late and not is_early and session.is_compiled(at_hand):
                    self._publish(session, at_hand)
                    is_early = True
                # lets the event loop handle a newer edit, which cancels this refresh
                await asyncio.sleep(0)
            self._publish(session)
        except Exception:  # a bug of serotiny's is reported to the client, and the server goes on
            _logger.exception("the project cannot be compiled")
            message = "serotiny: internal error; see the server's log"
            self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Error, message))

    def _publish(self, session: Session, only_fresh: Path | None = None) -> None:
        found = file_diagnostics(session, self.encoding, only_fresh)
        root = session.project.root
        shown = self._published.get(root, set())
        # an empty list clears what was published for a file before
        for path in sorted({*found, *shown, *(path for path in self._open if session.config_path(path))}):
            uri = self._open.get(path)
            version = self.workspace.get_text_document(uri).version if uri is not None else None
            self.text_document_publish_diagnostics(
                lsp.PublishDiagnosticsParams(uri or path.as_uri(), found.get(path, []), version)
            )
        self._published[root] = set(found)

    def _text(self, path: Path) -> str:
        return self.workspace.get_text_document(self._open[path]).source


def path_of(uri: str) -> Path:
    """The file of a URI, links resolved as `find_project` resolves them."""
    return real_path(Path(to_fs_path(uri) or "/").absolute())


def make_server() -> ConfigServer:
    """A server with every feature registered."""
    server = ConfigServer()
    _register_documents(server)
    _register_queries(server)
    _register_edits(server)
    return server


def _register_documents(server: ConfigServer) -> None:
    @server.feature(lsp.INITIALIZED)
    async def initialized(params: lsp.InitializedParams) -> None:  # noqa: ARG001 - the protocol's
        capabilities = server.client_capabilities.workspace
        watching = capabilities.did_change_watched_files if capabilities is not None else None
        if watching is None or not watching.dynamic_registration:
            return
        watchers = [lsp.FileSystemWatcher(pattern) for pattern in _WATCHED]
        options = lsp.DidChangeWatchedFilesRegistrationOptions(watchers)
        registration = lsp.Registration("watch", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        await server.client_register_capability_async(lsp.RegistrationParams([registration]))

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: lsp.DidOpenTextDocumentParams) -> None:
        server.opened(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: lsp.DidChangeTextDocumentParams) -> None:
        server.changed(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: lsp.DidCloseTextDocumentParams) -> None:
        server.closed(params.text_document.uri)

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_files(params: lsp.DidChangeWatchedFilesParams) -> None:
        server.watched(list(params.changes))


def _register_queries(server: ConfigServer) -> None:
    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=["$", "{", ".", ":", " ", "/"])
    )
    def completion(params: lsp.CompletionParams) -> lsp.CompletionList | None:
        at = _cursor(server, params)
        if at is None:
            return None
        items = complete(
            at.session, server.targets_of(at.session), path=at.path, offset=at.offset, positions=at.positions
        )
        return lsp.CompletionList(is_incomplete=False, items=items)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hovered(params: lsp.HoverParams) -> lsp.Hover | None:
        at = _cursor(server, params)
        return hover(at.session, at.path, at.offset, at.positions) if at is not None else None

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def definition(params: lsp.DefinitionParams) -> list[lsp.Location]:
        at = _cursor(server, params)
        return at.navigator.definition(at.path, at.offset) if at is not None else []

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    def references(params: lsp.ReferenceParams) -> list[lsp.Location]:
        at = _cursor(server, params)
        if at is None:
            return []
        return at.navigator.references(at.path, at.offset, params.context.include_declaration)


def _register_edits(server: ConfigServer) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepare_rename(params: lsp.PrepareRenameParams) -> lsp.Range | None:
        at = _cursor(server, params)
        if at is None:
            return None
        try:
            return renamed_span(at.session, at.navigator, at.path, at.offset)
        except CannotRename as error:
            raise JsonRpcInvalidParams(str(error)) from error

    @server.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
    def renamed(params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
        at = _cursor(server, params)
        if at is None:
            return None
        try:
            return rename(at.session, at.navigator, path=at.path, offset=at.offset, name=params.new_name)
        except CannotRename as error:
            raise JsonRpcInvalidParams(str(error)) from error

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])
    )
    def code_action(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        path = path_of(params.text_document.uri)
        session = server.session_of(path)
        if session is None:
            return []
        return _quick_fixes(session, path, Navigator(session, server.encoding).positions(path), params)


def _quick_fixes(
    session: Session, path: Path, positions: Positions, params: lsp.CodeActionParams
) -> list[lsp.CodeAction]:
    """An edit for each diagnostic in the range that suggests a name."""
    session.job_for(path)
    found: list[lsp.CodeAction] = []
    for diagnostic in session.diagnostics(path).get(path, []):
        shown = as_protocol(session, diagnostic, positions)
        if not _overlap(shown.range, params.range):
            continue
        change = replacement(session, path, diagnostic, positions)
        if change is not None:
            start, end, text = change
            edit = lsp.TextEdit(positions.range_between(start, end), text)
            found.append(
                lsp.CodeAction(
                    f"Change to `{diagnostic.suggestion}`",
                    lsp.CodeActionKind.QuickFix,
                    [shown],
                    is_preferred=True,
                    edit=lsp.WorkspaceEdit(changes={params.text_document.uri: [edit]}),
                )
            )
    return found


def _overlap(one: lsp.Range, other: lsp.Range) -> bool:
    return one.start <= other.end and other.start <= one.end


class _AtPosition(Protocol):
    """The parameters of a request about a position in a file."""

    text_document: lsp.TextDocumentIdentifier
    position: lsp.Position


@dataclass(frozen=True, kw_only=True)
class _Cursor:
    """The place that a request is about.

    Attributes:
        offset: of the position in the file's text, in characters.
        positions: those of that text, as the client counts them.
    """

    session: Session
    path: Path
    offset: int
    positions: Positions
    navigator: Navigator


def _cursor(server: ConfigServer, params: _AtPosition) -> _Cursor | None:
    """The place that a request is about; None in a file outside of projects."""
    path = path_of(params.text_document.uri)
    session = server.session_of(path)
    if session is None:
        return None
    navigator = Navigator(session, server.encoding)
    positions = navigator.positions(path)
    return _Cursor(
        session=session,
        path=path,
        offset=positions.offset_at(params.position),
        positions=positions,
        navigator=navigator,
    )
