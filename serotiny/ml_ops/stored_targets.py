"""Judge the targets of a stored config before anything is imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from serotiny.compiler.project import ProjectError, find_project
from serotiny.compiler.target_nodes import naming_key
from serotiny.compiler.tree import Keys, Node, join
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.diagnostics import Diagnostic, SerotinyError
from serotiny.schemas.fields import hydra_fields
from serotiny.targets.policy.trust import Trust
from serotiny.targets.reader import SignatureReader
from serotiny.targets.signature import TargetSignature


class StoredTargetError(SerotinyError):
    """A stored config names a target that may not be called, or cannot be instantiated, here."""


def judge_targets(
    node: Mapping[str, Any], key: str, trusted: Sequence[str], bases: Sequence[str]
) -> TargetJudge:
    """Check that every target of the node is trusted and installed, and has the parameters in the config.

    Args:
        node: a resolved part of a stored config.
        key: its place in the config.
        trusted: packages to trust, besides the usual ones and those of the project around the working directory.
        bases: the node's own target must be a class with one of these bases.

    Returns:
        The judge, for the instantiation.

    Raises:
        StoredTargetError: the first fault; nothing was imported.
    """
    judge = _judge_here(trusted)
    if "_target_" not in node:
        raise StoredTargetError(f"`{key}` of the stored config has no `_target_`")
    for keys, inner, found in judge.judged(dict(node), key):
        if isinstance(found, list):
            raise StoredTargetError(_told(found[0], keys, inner))
        is_top = keys == (key,)
        if is_top and found.certain and found.bases and not set(bases) & set(found.bases):
            raise StoredTargetError(
                f"`{key}._target_`: `{found.path}` is not a {bases[0].rpartition('.')[2]}"
            )
        _check_parameters(inner, keys, found)
    return judge


def _judge_here(trusted: Sequence[str]) -> TargetJudge:
    try:
        project = find_project(Path.cwd(), trusted=tuple(trusted))
    except ProjectError:
        return TargetJudge(SignatureReader(), Trust(trusted=tuple(trusted)))
    return TargetJudge.of_project(project, SignatureReader(project.import_paths))


def _told(fault: Diagnostic, keys: Keys, node: Node) -> str:
    key = naming_key(node)
    named = node.get(key)
    target = "" if named is None else str(named.value)
    at = f"`{join((*keys, key))}`: "
    if fault.code == "SER501":
        package = target.partition(".")[0]
        return (
            f"{at}`{target}` is not of a trusted package; if you know the code, give `trusted=[{package!r}]`"
        )
    if fault.code == "SER312":
        return f"{at}the package `{target.partition('.')[0]}` of `{target}` is not installed here"
    return at + fault.message + (f"; {fault.help}" if fault.help else "")


def _check_parameters(node: Node, keys: Keys, signature: TargetSignature) -> None:
    if signature.open or signature.ignores_rest:
        return
    unknown = [
        name for name in node.value if name not in hydra_fields() and signature.parameter(name) is None
    ]
    if unknown:
        raise StoredTargetError(
            f"`{join((*keys, unknown[0]))}`: `{signature.path}` has no parameter `{unknown[0]}` (any more); "
            f"it takes {', '.join(signature.names) or 'none'}; install the version that the run was trained with, "
            "or override the target"
        )
