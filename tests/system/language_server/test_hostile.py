"""Hostile configs in an editor: told, never executed, and the server goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

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
