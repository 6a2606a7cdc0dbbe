"""Hostile configs in an editor: told, never executed, and the server goes on."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp

from tests.fakes.editor import editor_of
from tests.fakes.hostile_configs import PARTS, with_parts, write_study


def test_hostile_configs_are_told_as_they_are_typed(tmp_path: Path) -> None:
    """One server is shown each in turn: what is refused has an error with its code, and what is harmless has none."""
    config = write_study(tmp_path)
    config.write_text("")

    async def type_each() -> dict[str, tuple[bool, set[str]]]:
        told = {}
        async with editor_of(tmp_path) as editor:
            editor.open(config)
            for case in PARTS:
                editor.change(config, with_parts(case["parts"], tmp_path / "canary"))
                found = await editor.diagnostics(config)
                is_error = any(item.severity == lsp.DiagnosticSeverity.Error for item in found)
                told[case["id"]] = is_error, {str(item.code) for item in found}
        return told

    told = asyncio.run(type_each())

    expected = {case["id"]: case["expected"] == "reject" for case in PARTS}
    assert expected == {name: is_error for name, (is_error, _) in told.items()}
    codes = {case["id"]: case["code"] for case in PARTS if "code" in case}
    assert {} == {name: (code, told[name][1]) for name, code in codes.items() if code not in told[name][1]}
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "untitled:Untitled-1",
        "http://127.0.0.1:9/x.yaml",
        "file:///",
        "file://host/x.yaml",
        "file:///%00.yaml",
        "file:///%ff%fe.yaml",
        f"file:///{'a' * 100_000}.yaml",
        "file:///dev/zero",
        "file:///..%2f..%2fetc/passwd",
    ],
)
def test_what_is_no_file_of_a_project_has_no_answers(uri: str, tmp_path: Path) -> None:
    """Each request about it is answered with nothing, and the server goes on."""
    config = write_study(tmp_path)

    async def ask() -> tuple[list[object], str]:
        document, start = lsp.TextDocumentIdentifier(uri), lsp.Position(2**31 - 1, 2**31 - 1)
        async with editor_of(tmp_path) as editor:
            client = editor.client
            item = lsp.TextDocumentItem(uri, "yaml", 1, "_target_: os.system\n")
            client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
            context = lsp.CodeActionContext([])
            answers: list[object] = [
                await client.text_document_hover_async(lsp.HoverParams(document, start)),
                await client.text_document_completion_async(lsp.CompletionParams(document, start)),
                await client.text_document_definition_async(lsp.DefinitionParams(document, start)),
                await client.text_document_code_action_async(
                    lsp.CodeActionParams(document, lsp.Range(start, start), context)
                ),
            ]
            client.text_document_did_close(lsp.DidCloseTextDocumentParams(document))
            editor.open(config, "model: {_target_: torch.nn.Linear}\n")
            return answers, await editor.hover(config, "torch.nn.Lin|ear")

    answers, hover = asyncio.run(ask())

    assert [True] * 4 == [not getattr(answer, "items", answer) for answer in answers]
    assert "Linear" in hover


@pytest.mark.parametrize(
    "text", ["\n" * 10_000_000, "a: 1\n" * 2_000_000, "{" * 10_000_000], ids=["lines", "keys", "brackets"]
)
def test_a_text_that_is_too_long_for_a_config_is_not_read(text: str, tmp_path: Path) -> None:
    """It is told as one in a file is, requests in it are answered, and the next text is read."""
    config = write_study(tmp_path)
    config.write_text("")

    async def ask() -> tuple[list[str], str, str]:
        async with editor_of(tmp_path) as editor:
            editor.open(config, text)
            codes = [str(item.code) for item in await editor.diagnostics(config)]
            before = await editor.hover(config, text[:1] + "|")
            editor.change(config, "model: {_target_: torch.nn.Linear}\n")
            return codes, before, await editor.hover(config, "torch.nn.Lin|ear")

    codes, before, hover = asyncio.run(ask())

    assert (["SER108"], "") == (codes, before)
    assert "Linear" in hover


AT = {"textDocument": {"uri": "file:///x.yaml"}, "position": {"line": 0, "character": 0}}


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("textDocument/hover", None, lsp.ErrorCodes.InvalidParams),
        ("textDocument/hover", [], lsp.ErrorCodes.InvalidParams),
        (
            "textDocument/hover",
            {**AT, "position": {"line": -1, "character": 0}},
            lsp.ErrorCodes.InvalidParams,
        ),
        ("textDocument/completion", {**AT, "context": 5}, lsp.ErrorCodes.InvalidParams),
        ("textDocument/codeAction", AT, lsp.ErrorCodes.InvalidParams),
        ("textDocument/references", AT, lsp.ErrorCodes.InvalidParams),
        (
            "textDocument/hover",
            {**AT, "textDocument": {"jsonrpc": "2.0", "id": 1, "method": 5}},
            lsp.ErrorCodes.InvalidParams,
        ),
        ("no/such", {}, lsp.ErrorCodes.MethodNotFound),
        (5, AT, lsp.ErrorCodes.InvalidRequest),
        (["shutdown"], None, lsp.ErrorCodes.InvalidRequest),
    ],
    ids=str,
)
def test_a_request_of_another_form_is_answered_with_an_error(
    method: Any, params: Any, code: lsp.ErrorCodes
) -> None:
    """Its sender need not wait: the answer has the request's id and says what is wrong, without a traceback."""
    request = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}

    (answer,) = _answers(request)

    assert (7, code.value) == (answer["id"], answer["error"]["code"])
    assert "data" not in answer["error"]


@pytest.mark.parametrize(
    "message", [[], None, 5, "x", {}, {"id": 7}, [{"jsonrpc": "2.0", "id": 7, "method": "x"}]], ids=str
)
def test_what_is_no_message_is_passed_over(message: Any) -> None:
    """There is nobody to answer, and the next request has its answer."""
    request = {"jsonrpc": "2.0", "id": 8, "method": "no/such", "params": {}}

    assert [8] == [answer["id"] for answer in _answers(message, request)]


def _answers(*messages: Any) -> list[dict[str, Any]]:
    """What a server answers to messages, as bytes of a pipe, until they end."""
    sent = BytesIO()
    for message in messages:
        body = json.dumps(message).encode()
        sent.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    command = [sys.executable, "-m", "serotiny.cli.main", "lsp", "--stdio"]
    out = subprocess.run(command, input=sent.getvalue(), capture_output=True, timeout=120, check=False).stdout
    received = [json.loads(part.partition(b"\r\n\r\n")[2]) for part in out.split(b"Content-Length: ")[1:]]
    return [message for message in received if "id" in message]
