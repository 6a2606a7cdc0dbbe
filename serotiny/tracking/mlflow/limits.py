"""Fit names and values of metrics, parameters and tags to MLflow's limits; the originals are kept in an artifact."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# MAX_ENTITY_KEY_LENGTH, MAX_PARAM_VAL_LENGTH and MAX_TAG_VAL_LENGTH of mlflow.utils.validation, which is not
# imported, since that would import all of mlflow
MAX_KEY_LENGTH = 250
MAX_PARAM_LENGTH = 6000
MAX_TAG_LENGTH = 8000

# MLflow has no limit, but takes minutes to store and show tens of thousands
MAX_PARAMS = 2_000

_DIGEST_LENGTH = 8
_NOT_ALLOWED = re.compile(r"[^/\w.\- :]")


def storable_key(key: str) -> str:
    """`key` if MLflow accepts it; otherwise a similar key that it accepts, made unique by a digest.

    MLflow accepts letters, digits, `_ - . : /` and spaces, at most 250 of them, and only in the form of a
    normalised relative path.
    """
    safe = _NOT_ALLOWED.sub("_", key)
    # the same condition as `path_not_unique` of mlflow.utils.validation
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
    """`value` within `limit` characters; a cut value ends with the path of the artifact that has the whole value."""
    if len(value) <= limit:
        return value
    note = f" … (cut from {len(value)} characters; the whole value is in {whole_in})"
    return value[: limit - len(note)] + note


@dataclass(frozen=True, slots=True)
class StorableParams:
    """Parameters within MLflow's limits.

    Attributes:
        params: the parameters to log.
        whole: the original value of each parameter that was renamed, cut or left out, by its original name.
    """

    params: dict[str, str]
    whole: dict[str, Any] = field(default_factory=dict)


def storable_params(flat: Mapping[str, Any], whole_in: str) -> StorableParams:
    """`flat` within MLflow's limits; `whole_in` is the path of the artifact for the originals."""
    params: dict[str, str] = {}
    whole: dict[str, Any] = {}
    for key, value in flat.items():
        if len(params) == MAX_PARAMS:
            whole[key] = value
            continue
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        safe_key = storable_key(key)
        safe_text = storable_value(text, MAX_PARAM_LENGTH, whole_in)
        if safe_key != key or safe_text != text:
            whole[key] = value
        params[safe_key] = safe_text
    return StorableParams(params, whole)
