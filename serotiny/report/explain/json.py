"""Explanations as JSON documents, for programs."""

from __future__ import annotations

import json
from typing import Any

from serotiny.compiler.queries.explain import Explanation, TreeRow
from serotiny.compiler.tree import join
from serotiny.credentials.masking import mask_credentials
from serotiny.diagnostics import Rule
from serotiny.report.json import place_json

VERSION = 1


def render_explanation_json(explanation: Explanation) -> str:
    """One key: its value, type, documentation, the places that set it (oldest first), and what it is interpolated from."""
    known = explanation.known
    return _document(
        {
            "key": explanation.key,
            "value": explanation.value,
            "is_set": explanation.is_set,
            "secret": explanation.is_secret,
            "type": str(known.type) if known else None,
            "choices": list(known.choices) if known else [],
            "default": known.default if known else None,
            "required": known.required if known else False,
            "doc": known.doc if known else None,
            "declared_by": known.declared_by if known else None,
            "set_by": [place_json(place) for place in explanation.set_by],
            "referents": [
                {
                    "name": referent.name,
                    "kind": "environment" if referent.is_variable else "key",
                    "value": referent.value,
                    "set_by": place_json(referent.place) if referent.place else None,
                    "text": referent.text,
                    "written_at": place_json(referent.written_at),
                }
                for referent in explanation.referents
            ],
        }
    )


def render_tree_json(operation: str, rows: list[TreeRow]) -> str:
    """Every value that is not a container, with what set it."""
    values = [
        {
            "key": join(row.keys),
            "value": row.value,
            "set_by": place_json(row.place),
            "reference": row.reference,
        }
        for row in rows
        if not row.is_container
    ]
    return _document({"operation": operation, "values": values})


def render_rule_json(rule: Rule) -> str:
    """A diagnostic code and its text."""
    return _document(
        {"code": rule.code, "name": rule.name, "severity": str(rule.severity), "text": rule.text}
    )


def _document(content: dict[str, Any]) -> str:
    return (
        json.dumps({"version": VERSION, **_masked(content)}, indent=2, ensure_ascii=False, default=str) + "\n"
    )


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return mask_credentials(value) if isinstance(value, str) else value
