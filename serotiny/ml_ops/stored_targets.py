"""Judging the targets of a config that comes from a server, before anything is imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from serotiny.compiler.project import ProjectError, find_project
from serotiny.diagnostics import SerotinyError, did_you_mean
from serotiny.schemas.fields import hydra_fields
from serotiny.targets.policy.trust import Trust
from serotiny.targets.reader import SignatureReader
from serotiny.targets.signature import TargetNotFound, TargetSignature


class StoredTargetError(SerotinyError):
    """A stored config names a target that may not or cannot be made here."""


def judge_targets(node: Mapping[str, Any], key: str, trusted: Sequence[str], bases: Sequence[str]) -> None:
    """Check every target of the node: trusted, installed, and with the parameters that the config gives.

    Args:
        node: a part of a stored config.
        key: where it is in the config.
        trusted: packages to trust beside the usual ones and those of the project around the current folder.
        bases: the node's own target must be a class with one of these bases.

    Raises:
        StoredTargetError: the first fault; nothing was imported.
    """
    packages, search_paths = _trusted_here()
    trust = Trust((*packages, *trusted))
    reader = SignatureReader(search_paths)
    if "_target_" not in node:
        raise StoredTargetError(f"`{key}` of the stored config has no `_target_`")
    for path, inner in _target_nodes(node, key):
        signature = _judged(str(inner["_target_"]), path, trust, reader)
        if inner is node and signature.certain and signature.bases and not set(bases) & set(signature.bases):
            raise StoredTargetError(
                f"`{key}._target_`: `{signature.path}` is not a {bases[0].rpartition('.')[2]}"
            )
        _check_parameters(inner, path, signature)


def _trusted_here() -> tuple[tuple[str, ...], tuple[Path, ...]]:
    try:
        project = find_project(Path.cwd())
    except ProjectError:
        return (), ()
    own = (project.package,) if project.package is not None else ()
    return (*own, *project.trusted), project.import_paths


def _target_nodes(value: Any, key: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(value, Mapping):
        if "_target_" in value:
            yield key, value
        for name, item in value.items():
            yield from _target_nodes(item, f"{key}.{name}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _target_nodes(item, f"{key}[{index}]")


def _judged(target: str, key: str, trust: Trust, reader: SignatureReader) -> TargetSignature:
    verdict = trust.judge(target)
    if verdict is None:
        signature = reader.read(target)
        if isinstance(signature, TargetNotFound):
            raise StoredTargetError(_not_found(signature, key))
        verdict = trust.judge(target, signature.path)
        if verdict is None:
            return signature
    package = target.split(".")[0]
    if verdict == "forbidden":
        raise StoredTargetError(f"`{key}._target_`: `{target}` may not be named in a config")
    raise StoredTargetError(
        f"`{key}._target_`: `{target}` is not of a trusted package; if you know the code, give `trusted=[{package!r}]`"
    )


def _not_found(missing: TargetNotFound, key: str) -> str:
    if not missing.installed:
        package = missing.path.split(".")[0]
        return f"`{key}._target_`: the package `{package}` of `{missing.path}` is not installed here"
    hint = did_you_mean(missing.missing, missing.candidates)
    return f"`{key}._target_`: {missing.headline()}" + (f"; {hint}" if hint else "")


def _check_parameters(node: Mapping[str, Any], key: str, signature: TargetSignature) -> None:
    if signature.open:
        return
    unknown = [name for name in node if name not in hydra_fields() and signature.parameter(name) is None]
    if unknown:
        raise StoredTargetError(
            f"`{key}.{unknown[0]}`: `{signature.path}` has no parameter `{unknown[0]}` (any more); "
            f"it takes {', '.join(signature.names) or 'none'}; install the version that the run was trained with, "
            "or override the target"
        )
