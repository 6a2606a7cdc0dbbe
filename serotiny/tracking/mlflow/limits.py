"""Metric, parameter and tag names and values as MLflow can hold them; what it cannot is kept whole elsewhere."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# of mlflow.utils.validation, by the names that they have there: MAX_ENTITY_KEY_LENGTH, MAX_PARAM_VAL_LENGTH,
# MAX_TAG_VAL_LENGTH; importing it would be importing mlflow
MAX_KEY_LENGTH = 250
MAX_PARAM_LENGTH = 6000
MAX_TAG_LENGTH = 8000

_DIGEST_LENGTH = 8
_NOT_ALLOWED = re.compile(r"[^/\w.\- :]")


def storable_key(key: str) -> str:
    """`key` itself where MLflow takes it; else the nearest that it takes, made unique by a digest.

    MLflow takes letters, digits, `_ - . : /` and spaces, at most 250 of them, and only in the form of a
    relative path without detours.
    """
    safe = _NOT_ALLOWED.sub("_", key)
    # as `path_not_unique` of mlflow.utils.validation asks
    norm = posixpath.normpath(safe)
    if (
        safe == key
        and norm == key
        and key != "."
        and not key.startswith(("..", "/"))
        and len(key) <= MAX_KEY_LENGTH
    ):
        return key
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_LENGTH]
    stem = re.sub(r"\.{2,}", "_", norm).strip("/") or "_"
    stem = "_" if stem == "." else stem
    return f"{stem[: MAX_KEY_LENGTH - _DIGEST_LENGTH - 1]}-{digest}"


def storable_value(value: str, limit: int, whole_in: str) -> str:
    """`value` within `limit` characters; a cut one ends with where the whole is."""
    if len(value) <= limit:
        return value
    note = f" … (cut from {len(value)} characters; the whole value is in {whole_in})"
    return value[: limit - len(note)] + note


@dataclass(frozen=True, slots=True)
class StorableParams:
    """Parameters as MLflow can hold them.

    Attributes:
        params: what is logged.
        whole: the original of each that had to be renamed or cut, by its original name.
    """

    params: dict[str, str]
    whole: dict[str, Any] = field(default_factory=dict)


def storable_params(flat: Mapping[str, Any], whole_in: str) -> StorableParams:
    """`flat` within MLflow's limits; `whole_in` is the artifact where the others are kept whole."""
    params: dict[str, str] = {}
    whole: dict[str, Any] = {}
    for key, value in flat.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        safe_key = storable_key(key)
        safe_text = storable_value(text, MAX_PARAM_LENGTH, whole_in)
        if safe_key != key or safe_text != text:
            whole[key] = value
        params[safe_key] = safe_text
    return StorableParams(params, whole)
