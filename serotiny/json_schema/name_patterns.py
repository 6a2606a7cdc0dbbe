"""The rules of `schemas.rules` as patterns, which may accept more than the rules do but never less.

Patterns are read by Python, by ECMAScript in Unicode mode and by Rust, and use only what all three support.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from serotiny.json_schema.fragments import LATER
from serotiny.schemas.rules.names import MAX_NAME_LENGTH

_SCHEMES: Final = ("http", "https", "sqlite", "postgresql", "mysql", "mssql", "databricks", "uc")
_INVISIBLE: Final = r"\u0000-\u001f\u007f-\u009f\u2028\u2029\u200b\u202a-\u202e\u2060\ufeff"
_SPACES: Final = r"\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_NAME: Final = (
    rf"(?=.{{1,{MAX_NAME_LENGTH}}}$)(?! )(?!.* $)(?!.*\\)(?!.*'.*\u0022)(?!.*\u0022.*')"
    rf"(?!(?:.*/)?\.\.?(?:/|$))(?!.*[{_INVISIBLE}{_SPACES}]).+$"
)


def _in_any_case(word: str) -> str:
    return "".join(f"[{letter}{letter.upper()}]" for letter in word)


TEXT_RULES: Final = MappingProxyType(
    {
        "run_name": (
            rf"{LATER}|^(?!/|[A-Za-z]:/){_NAME}",
            f"Expected a name of at most {MAX_NAME_LENGTH} visible characters, without a backslash, or ${{key}}.",
        ),
        "experiment_name": (
            rf"{LATER}|^{_NAME}",
            f"Expected a name of at most {MAX_NAME_LENGTH} visible characters, without a backslash, or ${{key}}.",
        ),
        "tracking_uri": (
            rf"{LATER}|^(?:{'|'.join(map(_in_any_case, _SCHEMES))})(?:\+[^:]*)?:",
            "Expected a server or database, such as sqlite:///mlflow.db, or null, or ${key}.",
        ),
        "ckpt_path": (
            rf"{LATER}|^(?![\s\S]*://)(?!\.\.(?:/|$))[\s\S]",
            "Expected the path of a local file, or null, or ${key}.",
        ),
    }
)
"""Field → the pattern of its text, and the message about other texts."""
