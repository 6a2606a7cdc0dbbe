"""Diagnostics as SARIF 2.1.0, which code-scanning services read."""

from __future__ import annotations

import json
from importlib import metadata
from typing import Any
from urllib.parse import quote

from serotiny.diagnostics import RULES, Diagnostic, Place
from serotiny.report.report import Report

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render_sarif(report: Report) -> str:
    """A SARIF run with the violated rules, and a result for each diagnostic."""
    codes = sorted({diagnostic.code for diagnostic in report.diagnostics})
    driver = {
        "name": "serotiny",
        "version": metadata.version("serotiny"),
        "rules": [_rule(code) for code in codes],
    }
    results = [_result(diagnostic, codes, report) for diagnostic in report.diagnostics]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return (
        json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)
        + "\n"
    )


def _rule(code: str) -> dict[str, Any]:
    rule = RULES[code]
    return {"id": code, "name": rule.name, "help": {"text": rule.text, "markdown": rule.text}}


def _result(diagnostic: Diagnostic, codes: list[str], report: Report) -> dict[str, Any]:
    at_fault = report.at_fault(diagnostic)
    text = ". ".join(part for part in (diagnostic.message, diagnostic.help, at_fault) if part)
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": str(diagnostic.severity),
        "message": {"text": text},
        "locations": [_location(diagnostic)],
        "properties": {"key": diagnostic.key, "override": diagnostic.place.override, "atFault": at_fault},
    }


def _location(diagnostic: Diagnostic) -> dict[str, Any]:
    place = diagnostic.place
    logical = {"logicalLocations": [{"fullyQualifiedName": diagnostic.key or place.override or "config"}]}
    if place.file is None:
        return logical
    return {"physicalLocation": {"artifactLocation": {"uri": quote(place.file)}, **_region(place)}, **logical}


def _region(place: Place) -> dict[str, Any]:
    if place.line is None:
        return {}
    region = {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }
    return {"region": {key: value for key, value in region.items() if value is not None}}
