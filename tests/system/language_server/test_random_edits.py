"""A server that is typed at blindly: it neither dies nor says anything of a text that is gone."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from lsprotocol import types as lsp

from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from serotiny.compiler.project_check.compile_project import compile_project
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.validation.validate import Validator
from tests.fakes.editor import Editor, editor_of

EDITS = 500
SEED = 20240229

_PIECES: tuple[str, ...] = (
    *":-#'\"{}[]|>&*!%@`,?\n\t \\$",
    "\n  ",
    "${",
    "${model.",
    "${oc.env:HOME}",
    "???",
    "null",
    "_target_: ",
    "defaults:\n  - ",
    "torch.optim.Adam",
    "*a &a",
    "\u00e9",
    "\U0001f600",
    "\u2028",
    "<<: ",
    "latent_dim: 3\n",
)


def _edited(text: str, original: str, rng: random.Random) -> str:
    """One random edit; now and then the original comes back, so that sound texts are among them."""
    choice = rng.random()
    if choice < 0.05 or len(text) > 4000:
        return original
    start: int = rng.randrange(len(text) + 1)
    if choice < 0.5:
        return text[:start] + rng.choice(_PIECES) + text[start:]
    if choice < 0.8:
        return text[:start] + text[start + rng.randrange(12) :]
    stop = min(len(text), start + rng.randrange(30))
    return text[:start] + text[stop:] + text[start:stop]


def _facts(diagnostics: list[lsp.Diagnostic]) -> list[tuple[str, str]]:
    """What is said, where it is said of a span: faults of our own overrides stand at the start of the option's file."""
    start = lsp.Position(0, 0)
    spans = [item for item in diagnostics if item.range.end != start]
    return sorted((str(item.code), item.message.partition("\n")[0]) for item in spans)


def _expected(project: Path, texts: dict[Path, str]) -> dict[Path, list[tuple[str, str]]]:
    """What a fresh compiler finds in each of the texts, where it names a span of a file."""
    found = find_project(project)
    compiler = Compiler(Sources(found, texts), Validator.of_project(found))
    by_file: dict[Path, list[tuple[str, str]]] = {path: [] for path in texts}
    for diagnostic in compile_project(compiler).diagnostics:
        place = diagnostic.place
        path = found.root / (place.file or "")
        if path in by_file and (place.end_line, place.end_column) != (1, 1):
            by_file[path].append((diagnostic.code, diagnostic.message.partition("\n")[0]))
    return {path: sorted(facts) for path, facts in by_file.items()}


async def _type_blindly(editor: Editor, files: list[Path], project: Path) -> list[str]:
    """Make the edits; gives a line for a disagreement with a fresh compiler, and what the server logged."""
    rng = random.Random(SEED)
    originals = {path: path.read_text("utf-8") for path in files}
    for path in files:
        editor.open(path)
    for number in range(EDITS):
        path = rng.choice(files)
        editor.change(path, _edited(editor.texts[path], originals[path], rng))
        if rng.random() < 0.2:  # ask something meanwhile, at any place
            position = lsp.Position(rng.randrange(20), rng.randrange(40))
            document = lsp.TextDocumentIdentifier(path.as_uri())
            await editor.client.text_document_completion_async(lsp.CompletionParams(document, position))
            await editor.client.text_document_hover_async(lsp.HoverParams(document, position))
            await editor.client.text_document_definition_async(lsp.DefinitionParams(document, position))
        if number % 25 == 24:
            for each in files:
                await editor.diagnostics(each)
            expected = _expected(project, dict(editor.texts))

            def shown() -> dict[Path, list[tuple[str, str]]]:
                return {each: _facts(list(editor.shown[each.as_uri()].diagnostics)) for each in files}

            # the other files' follow those of the file at hand
            if not await editor.until(lambda: expected == shown()):  # noqa: B023  # called at once
                return [f"edit {number}: {expected} but {shown()}", *editor.log]
    return editor.log


@pytest.mark.timeout(900)  # hundreds of round trips, and twenty whole checks beside them
def test_random_edits_leave_no_crash_and_no_stale_diagnostic(project: Path, config: Path) -> None:
    """After every 25 of 500 random edits the server says exactly what a fresh compiler says."""
    files = [
        config / name
        for name in ("train.yaml", "model/default.yaml", "model/my_model.yaml", "data/default.yaml")
    ]

    async def run() -> list[str]:
        async with editor_of(project) as editor:
            return await _type_blindly(editor, files, project)

    assert [] == asyncio.run(run())
