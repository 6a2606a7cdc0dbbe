"""Everything that is wrong with Hydra's own node of a job."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import PurePosixPath

from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.project import Project
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.target_nodes import TargetNode
from serotiny.compiler.tree import Keys, Node
from serotiny.compiler.validation.hosts import judge_hosts_of_plugins
from serotiny.compiler.validation.hydra_node.early_folders import early_folders
from serotiny.compiler.validation.hydra_node.folders import log_in_no_folder
from serotiny.compiler.validation.hydra_node.only_in_sweeps import only_in_sweeps
from serotiny.compiler.validation.hydra_node.referred_values import faults_of_referred_values
from serotiny.compiler.validation.hydra_node.settings import judge_hydra_settings
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.compiler.validation.memo import NodeMemo
from serotiny.diagnostics import Diagnostic


def faults_of_hydras_node(
    resolved: Resolved,
    targets: Mapping[Keys, TargetNode],
    judge: TargetJudge,
    memo: NodeMemo,
    told: frozenset[str | None],
) -> list[Diagnostic]:
    """SER111, SER112, SER503, SER505, SER506 and SER507 for the node, if the job has one.

    Args:
        resolved: the job.
        targets: those of its config.
        judge: judges the targets in the node.
        memo: results for the same settings of other jobs.
        told: the keys of the job with faults of their own, of which no more is said.
    """
    if resolved.hydra is None:
        return []
    faults: list[Diagnostic] = []
    not_there = {fault.key for fault in resolved.composed.diagnostics}
    for key, part in resolved.hydra.children():
        is_whole = f"{HYDRA}/{key}" not in not_there
        of_part = partial(_of_part, Node({key: part}), resolved.composed.project, judge, is_whole=is_whole)
        faults += memo.of((HYDRA, key, is_whole), [part], of_part)
    faults += early_folders(resolved)
    faults += log_in_no_folder(resolved.hydra)
    for further in (faults_of_referred_values(resolved), only_in_sweeps(resolved, targets, memo)):
        known = {*told, *(fault.key for fault in faults)}
        faults += [fault for fault in further if fault.key not in known]
    return faults


def _of_part(settings: Node, project: Project, judge: TargetJudge, *, is_whole: bool) -> list[Diagnostic]:
    root = PurePosixPath(project.root.as_posix())
    faults = judge_hydra_settings(settings, root, judge, is_whole=is_whole)
    return [*faults, *judge_hosts_of_plugins(settings, project)]
