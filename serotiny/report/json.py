"""Diagnostics as one JSON document, for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from serotiny.credentials.detection import mask_source
from serotiny.diagnostics import Diagnostic, Place
from serotiny.report.report import Report

VERSION = 1


def render_json(report: Report) -> str:
    """The JSON document, version 1, whose keys are never removed."""
    document: dict[str, Any] = {
        "version": VERSION,
        "jobs": report.jobs,
        "errors": report.errors,
        "warnings": report.warnings,
        "diagnostics": [_as_json(diagnostic, report) for diagnostic in report.diagnostics],
    }
    if report.runs is not None:
        document["runs"] = [asdict(run) for run in report.runs]
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _as_json(diagnostic: Diagnostic, report: Report) -> dict[str, Any]:
    data = {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "key": diagnostic.key,
        **place_json(diagnostic.place),
        "help": diagnostic.help,
        "notes": list(diagnostic.notes),
        "jobs": list(diagnostic.jobs),
    }
    at_fault = report.at_fault(diagnostic)
    return data if at_fault is None else {**data, "at_fault": at_fault}


def place_json(place: Place) -> dict[str, Any]:
    """A place, with the same names in every document."""
    return {
        "origin": place.origin,
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "override": None if place.override is None else mask_source(place.override).text,
    }
