"""Objects from the nodes of a config."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import hydra.utils
from hydra.errors import InstantiationException

from serotiny.compiler.tree import escaped, join
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.diagnostics import JobError
from serotiny.ml_ops.arguments import with_declared_forms


class InstantiationError(JobError):
    """A node's target could not be made."""


def make_importable(folders: Iterable[Path]) -> None:
    """Let modules be imported from these folders: a project need not be installed to be run."""
    for folder in map(str, folders):
        if folder not in sys.path:
            sys.path.insert(0, folder)


class RefusedTargetError(JobError):
    """A node's target may not be called; nothing of it was."""

    exit_status = 1


def instantiate(node: Mapping[str, Any], key: str, judge: TargetJudge, **changes: Any) -> Any:
    """What the `_target_` of `node` gives; Hydra's own target policy is in force.

    Each target of the node is judged as it stands here, with nothing left to resolve: before anything is
    imported by where its path leads, and once it is imported by where it is really defined.

    Containers arrive as plain lists and dictionaries unless the node says otherwise (`_convert_`), or the
    signature of the target does: see `arguments`.

    Args:
        node: plain data, resolved: `${…}` in it is text.
        key: where the node is in the config, for the message.
        judge: decides what may be called.
        changes: keys to set in the node before.

    Raises:
        RefusedTargetError: a target may not be called.
        InstantiationError: with the target's own error as its cause.
    """
    _refuse(node, key, judge)
    try:
        formed = _literal(with_declared_forms(node, judge))
        return hydra.utils.instantiate({"_convert_": "all", **formed, **changes})
    except InstantiationException as error:
        cause = _root_cause(error)
        full_key = ".".join(part for part in (key, _inner_key(error)) if part)
        raise InstantiationError(
            f"`{full_key}` could not be made: {type(cause).__name__}: {cause}"
            if cause is not error
            else f"`{key}` could not be made: {error}"
        ) from cause


def _refuse(node: Mapping[str, Any], key: str, judge: TargetJudge) -> None:
    paths: dict[str, str] = {}
    for keys, inner, found in judge.judged(dict(node), key):
        if isinstance(found, list):
            reasons = "; ".join(fault.message for fault in found)
            raise RefusedTargetError(f"`{join((*keys, '_target_'))}`: {reasons}")
        target = inner.get("_target_")
        assert target is not None
        paths[target.value] = join((*keys, "_target_"))
    # only now, when source speaks against none of them: importing a module runs it
    for path, at in paths.items():
        home = judge.judge_object(path, _imported(path, at))
        if home is not None:
            raise RefusedTargetError(f"`{at}`: `{path}` is `{home}`, which may not be named by a config")


def _imported(path: str, at: str) -> Any:
    try:
        return hydra.utils.get_object(path)
    except Exception as error:
        cause = error.__cause__ or error
        raise InstantiationError(
            f"`{at}`: `{path}` cannot be imported: {type(cause).__name__}: {cause}"
        ) from error


def _literal(value: Any) -> Any:
    """The value with `${` escaped; twice, since `instantiate` resolves what it is given twice."""
    if isinstance(value, Mapping):
        return {key: _literal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_literal(item) for item in value]
    return escaped(escaped(value)) if isinstance(value, str) else value


def _root_cause(error: BaseException) -> BaseException:
    while isinstance(error, InstantiationException) and error.__cause__ is not None:
        error = error.__cause__
    return error


def _inner_key(error: InstantiationException) -> str:
    _, found, full_key = str(error).rpartition("full_key: ")
    return full_key.strip() if found else ""
