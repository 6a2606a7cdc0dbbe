"""The cases of the YAML test suite: read as they are meant, or refused; what is read otherwise is listed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from serotiny.compiler.syntax.document import parse_document

CASES: Final = Path(__file__).parents[3] / "cases" / "yaml_test_suite.json"

READ_OTHERWISE: Final = {
    "565N": "`!!binary` is bytes, and JSON has none",
    "652Z": "libyaml takes `?` for a key's mark without a space behind it",
    "HM87-1": "libyaml takes `?` for a key's mark without a space behind it",
    "JEF9-2": "libyaml passes over a last line of spaces without its end",
    "L24T-1": "libyaml passes over the end of a last line that has none",
    "S4JQ": "`! 12` is what it looks like to OmegaConf",
    "Y2GN": "libyaml ends an anchor's name at a colon",
}
"""What means something else to libyaml, on which every reader of Python builds, and to OmegaConf."""

READ_THOUGH_WRONG: Final = {
    "9C9N": "less indented than its key",
    "9JBA": "no space before a comment",
    "CVW2": "no space before a comment",
    "DK95-1": "a tab as indentation inside of quotes",
    "G5U8": "a dash as a value",
    "MUS6-0": "no space before a comment of a directive",
    "QB6E": "less indented than its key",
    "S98Z": "empty lines with more spaces than the text",
    "SU5Z": "no space before a comment",
    "X4QW": "no space before a comment",
    "Y79Y-3": "a tab as indentation inside of brackets",
    "YJV2": "a dash as a value",
}
"""What the specification does not allow, and libyaml reads as it is meant."""


def _texts(value: Any) -> Any:
    """The value with its keys as JSON has them."""
    if isinstance(value, dict):
        return {
            json.dumps(key) if isinstance(key, bool) else str(key): _texts(item)
            for key, item in value.items()
        }
    return [_texts(item) for item in value] if isinstance(value, list) else value


def test_each_case_is_read_as_meant_or_refused() -> None:
    """An empty document is an empty config; several documents are refused."""
    otherwise, though_wrong = set(), set()
    for case in json.loads(CASES.read_text("utf-8"))["cases"]:
        document = parse_document("case.yaml", case["yaml"].removeprefix("\ufeff"))
        if document.diagnostics:
            continue
        meant = (case.get("json") or [None])[0]
        if case.get("fail"):
            though_wrong.add(case["id"])
        elif (meant or {}) != (_texts(document.root.plain()) or {}):
            otherwise.add(case["id"])

    assert set(READ_OTHERWISE) == otherwise
    assert set(READ_THOUGH_WRONG) == though_wrong
