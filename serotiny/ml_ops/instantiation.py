"""Instantiate the nodes of a config."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import hydra.utils
from hydra.errors import InstantiationException

from serotiny.compiler.checks.limits import AT_MOST_PROCESSES
from serotiny.compiler.target_nodes import naming_key, target_places
from serotiny.compiler.tree import escaped, join
from serotiny.compiler.validation.judge import TargetJudge, as_node
from serotiny.diagnostics import JobError
from serotiny.ml_ops.arguments import CONVERTERS, with_declared_forms
from serotiny.targets.value_types.limits import violated

_PROCESSES: Final = frozenset({"devices", "num_workers"})
"""Arguments of which each unit is a process that is started, whatever there is for it to do."""


class InstantiationError(JobError):
    """The target of a node raised an exception."""


def make_importable(folders: Iterable[Path], script_folders: Iterable[Path] = ()) -> None:
    """Add folders to the import path, so that a project need not be installed to be run; those of scripts last."""
    for folder in map(str, folders):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    sys.path += [folder for folder in map(str, script_folders) if folder not in sys.path]


class RefusedTargetError(JobError):
    """The target of a node may not be called; nothing was called."""

    exit_status = 1


def instantiate(node: Mapping[str, Any], key: str, judge: TargetJudge, **changes: Any) -> Any:
    """The object that the `_target_` of `node` returns; Hydra's own rules for targets apply too.

    Each target of the resolved node is judged twice: before the import by its path, and after the import by where
    the object is defined.

    Containers are passed as plain lists and dictionaries unless the node (`_convert_`) or the signature of the
    target says otherwise: see `arguments`.

    Args:
        node: plain, resolved data: `${…}` in it is a text.
        key: the node's place in the config, for messages.
        judge: decides what may be called.
        changes: keys to set in the node first.

    Raises:
        RefusedTargetError: a target may not be called.
        InstantiationError: a target raised an exception, which is its cause.
    """
    _refuse(node, key, judge)
    formed = with_declared_forms(node, judge)
    # only after all sources were judged, since importing a module executes it
    _refuse_objects(formed, key, judge)
    try:
        with _raised_alone():
            return hydra.utils.instantiate({"_convert_": "all", **_literal(formed), **changes})
    except InstantiationException as error:
        cause = _root_cause(error)
        full_key = ".".join(part for part in (key, _inner_key(error)) if part)
        raise InstantiationError(
            f"`{full_key}` could not be made: {type(cause).__name__}: {cause}"
            if cause is not error
            else f"`{key}` could not be made: {error}"
        ) from cause


def _refuse(node: Mapping[str, Any], key: str, judge: TargetJudge) -> None:
    for keys, inner, found in judge.judged(dict(node), key):
        if isinstance(found, list):
            reasons = "; ".join(fault.message for fault in found)
            raise RefusedTargetError(f"`{join((*keys, '_target_'))}`: {reasons}")
        for name in _PROCESSES & inner.value.keys():
            for limit in violated(AT_MOST_PROCESSES, inner.value[name].value):
                raise RefusedTargetError(f"`{join((*keys, name))}` must be {limit}")


def _refuse_objects(node: Any, key: str, judge: TargetJudge) -> None:
    """Judge what each target of a node leads to, once it is imported; also those that stand for a mapping's class."""
    for path, at in _paths(node, key).items():
        home = judge.judge_object(path, _imported(path, at))
        if home is not None:
            raise RefusedTargetError(f"`{at}`: `{path}` is `{home}`, which may not be named by a config")


def _paths(node: Any, key: str) -> dict[str, str]:
    """The targets of a node, each with the last place that names it, but for those that convert a value."""
    named = {
        place.node.value[name].value: join((key, *place.keys, name))
        for place in target_places(as_node(node))
        for name in (naming_key(place.node),)
    }
    return {path: at for path, at in named.items() if path not in CONVERTERS}


def _imported(path: str, at: str) -> Any:
    try:
        with _raised_alone():
            return hydra.utils.get_object(path)
    except (Exception, SystemExit) as error:
        cause = error.__cause__ or error
        raise InstantiationError(
            f"`{at}`: `{path}` cannot be imported: {type(cause).__name__}: {cause}"
        ) from error


@contextmanager
def _raised_alone() -> Iterator[None]:
    """Keep Hydra from logging what it raises as well, which would be told twice."""
    log = logging.getLogger(hydra.utils.__name__)
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before


def _literal(value: Any) -> Any:
    """The value with `${` escaped twice, since `instantiate` resolves interpolations twice."""
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
