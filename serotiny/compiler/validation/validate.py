"""Stage three: check every value against the schema of its group and the signature of its target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath
from typing import Final

from serotiny.compiler.checks.builtin import BUILTIN_CHECKS
from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.installed import installed_checks
from serotiny.compiler.checks.run import NamedCheck, run_check
from serotiny.compiler.composition.compose import Composed
from serotiny.compiler.hydra.names import HYDRA
from serotiny.compiler.limits import MAX_FAULTS
from serotiny.compiler.project import Layout, Project
from serotiny.compiler.project_code import ProjectCode
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.target_nodes import TargetNode, TargetPlace, target_places
from serotiny.compiler.tree import Keys, Node, join, split, walk
from serotiny.compiler.validation.annotations import AnnotationJudge
from serotiny.compiler.validation.called_by_code.given_values import GivenValueJudge
from serotiny.compiler.validation.called_by_code.handed_on import HandedOnJudge
from serotiny.compiler.validation.called_by_code.partials import incomplete_partials
from serotiny.compiler.validation.called_by_code.script_reads import ScriptReadJudge
from serotiny.compiler.validation.groups import validate_groups
from serotiny.compiler.validation.hosts import judge_hosts, judge_hosts_of_plugins, judge_hosts_of_target
from serotiny.compiler.validation.hydra_node.early_folders import early_folders
from serotiny.compiler.validation.hydra_node.only_in_sweeps import only_in_sweeps
from serotiny.compiler.validation.hydra_node.settings import judge_hydra_settings
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.compiler.validation.kinds import check_kinds, check_namespaces, check_shapes
from serotiny.compiler.validation.memo import NodeMemo, parts_with_targets
from serotiny.compiler.validation.parts import validate_parts
from serotiny.compiler.validation.targets import (
    check_hydra_keys,
    check_parameters,
    check_products,
)
from serotiny.diagnostics import Diagnostic, Severity
from serotiny.targets import SignatureCache, SignatureReader

_MADE_ON_CONDITION: Final = "the project's code instantiates it only where a condition holds"
_UNREAD: Final = "the code that starts from this config is not seen to read this value"


@dataclass(frozen=True, kw_only=True)
class Validator:
    """Checks resolved configs of one project; each signature is read once."""

    project: Project
    reader: SignatureReader
    judge: TargetJudge
    code: ProjectCode
    checks: tuple[NamedCheck, ...] = BUILTIN_CHECKS

    @classmethod
    def of_project(cls, project: Project) -> Validator:
        """A validator that reads the project's own modules before installed ones, and trusts them."""
        cache = SignatureCache()
        reader = SignatureReader(project.import_paths, cache, lambda: project.script_folders)
        checks = (*BUILTIN_CHECKS, *installed_checks(cache, project.import_paths))
        code = ProjectCode.of_project(project, reader.source_of)
        return cls(
            project=project,
            reader=reader,
            judge=TargetJudge.of_project(project, reader),
            code=code,
            checks=checks,
        )

    def validate(self, resolved: Resolved, memo: NodeMemo | None = None) -> list[Diagnostic]:
        """Everything that is wrong with one job's values: SER3xx and SER5xx.

        Args:
            resolved: the job.
            memo: results for nodes of other jobs of the same call.
        """
        memo = memo or NodeMemo()
        root, layout = resolved.root, resolved.composed.layout
        is_own = resolved.composed.schema is not None
        root_folder = PurePosixPath(self.project.root.as_posix())
        faults = validate_groups(resolved, root_folder, memo) if is_own else validate_parts(resolved)
        faults += [self._as_made(fault) for fault in check_shapes(root, layout)]
        faults += judge_hosts(root, layout, self.project)
        targets: dict[Keys, TargetNode] = {}
        not_installed: set[Keys] = set()
        is_root_made = partial(self._makes_root, resolved.composed)
        for place in target_places(root, is_root_made=is_root_made):
            if len(faults) > MAX_FAULTS:
                break
            question = ("target", place.keys, place.called_later, place.is_nested)
            read = memo.of(question, [place.node], partial(self._read, place))
            faults += read.faults
            faults += judge_hosts_of_target(place, root, layout, self.project)
            if read.target is not None:
                targets[place.keys] = read.target
            elif any(fault.code == "SER312" for fault in read.faults):
                not_installed.add(place.keys)
        judge = AnnotationJudge(self.reader, self.project.leniency)
        own = (self.project.package, *self.project.trusted)
        of_wrong_kind = check_kinds(root, targets, layout, own)
        misplaced = {fault.key for fault in of_wrong_kind}
        for keys, read_target in targets.items():
            if len(faults) > MAX_FAULTS:
                break
            target = read_target
            if target.place_key("_target_") in misplaced:
                continue  # what it takes is of no interest then
            if self._may_be_made_elsewhere(target, not_installed, layout):
                target = replace(target, called_later=True)
            primary, around = resolved.composed.primary, layout.around(keys)
            # what is read of a nested target depends on the same
            about = ("arguments", keys, target.called_later, target.is_nested, primary, around)
            judged = partial(self._judge_arguments, target, primary, targets, around, judge)
            faults += memo.of(about, [target.node], judged)
        by_script: dict[Keys, TargetNode] = {}
        if not is_own:
            handed_on = HandedOnJudge(
                project=self.project, code=self.code, targets=self.judge, annotations=judge
            )
            faults += handed_on.faults(resolved)
            by_script = handed_on.made(resolved)
            known = {fault.key for fault in faults}
            faults += [fault for fault in self._by_reads(resolved, judge) if fault.key not in known]
        faults += of_wrong_kind + check_namespaces(targets, layout)
        if resolved.hydra is not None:
            not_there = {fault.key for fault in resolved.composed.diagnostics}
            for key, part in resolved.hydra.children():
                is_whole = f"{HYDRA}/{key}" not in not_there
                judged = partial(self._judge_setting, key, part, root_folder, is_whole)
                faults += memo.of(("hydra", key, is_whole), [part], judged)
            faults += early_folders(resolved)
            told = {fault.key for fault in faults}
            faults += [fault for fault in only_in_sweeps(resolved, targets) if fault.key not in told]
        context = CheckContext(
            root=root,
            targets={**targets, **by_script},
            project=self.project,
            reader=self.reader,
            layout=layout,
        )
        calls = tuple((keys, target.signature.path) for keys, target in by_script.items())
        return [*faults, *self._run_checks(context, memo, calls)]

    def _judge_arguments(
        self,
        target: TargetNode,
        primary: str,
        targets: dict[Keys, TargetNode],
        around: Layout,
        judge: AnnotationJudge,
    ) -> list[Diagnostic]:
        target = replace(target, primary=primary)
        return [
            *check_parameters(target, around, judge, self.code),
            *check_products(target, targets, around, judge),
            *incomplete_partials(target, targets, self.reader),
        ]

    def _by_reads(self, resolved: Resolved, judge: AnnotationJudge) -> Iterator[Diagnostic]:
        """The faults of single values and keys that the project's own script reads."""
        yield from GivenValueJudge(
            project=self.project, code=self.code, targets=self.judge, annotations=judge
        ).faults(resolved)
        yield from ScriptReadJudge(project=self.project, code=self.code).faults(resolved)

    def unresolved(self, resolved: Resolved) -> Iterator[Diagnostic]:
        """What resolving a job found, without the values that the project's own script writes over, and the keys that it adds.

        A key that is not found is a warning in a value that the script does not read; nothing is said of it where a
        whole group is missing, which may have given it.
        """
        layout = resolved.composed.layout
        has_own_script = not layout.is_own and not layout.is_template
        lacks_group = any(found.code == "SER103" for found in resolved.composed.diagnostics)
        unfound = dict(resolved.unfound)
        for fault in resolved.diagnostics:
            is_unfound = fault.code == "SER201" and not layout.is_own and fault.key is not None
            keys = split(fault.key or "")
            if not is_unfound:
                yield fault
            elif has_own_script and lacks_group:
                continue
            elif has_own_script and self._is_unread(keys, resolved, frozenset()):
                yield replace(fault, severity=Severity.WARNING, notes=(*fault.notes, _UNREAD))
            elif not self.code.gives(keys) and not self._is_set_by_script(unfound.get(fault), resolved):
                yield fault

    def _is_set_by_script(self, target: Keys | None, resolved: Resolved) -> bool:
        """Whether a key that is not found is below one that only the project's code adds to the config."""
        if not target or resolved.composed.root.get(str(target[0])) is not None:
            return False
        return self.code.sets(str(target[0]))

    def _is_unread(self, keys: Keys, resolved: Resolved, seen: frozenset[Keys]) -> bool:
        """Whether a value is seen to be read neither by the scripts nor by way of the values that refer to it."""
        if keys in seen:
            return True
        if not self.code.leaves_unread(resolved.composed.primary, keys):
            return False
        if keys not in resolved.referenced:
            return True
        name = join(keys)
        referring = [
            place
            for place, node in walk(resolved.composed.root)
            if isinstance(node.value, str) and "${" in node.value and name in node.value
        ]
        known = seen | {keys}
        return bool(referring) and all(self._is_unread(place, resolved, known) for place in referring)

    def _may_be_made_elsewhere(self, target: TargetNode, not_installed: set[Keys], layout: Layout) -> bool:
        """Whether a node stands in one of a package that is not installed, which may instantiate both in its own way."""
        keys = target.keys
        return (
            target.is_nested
            and any(keys[:depth] in not_installed for depth in range(len(keys)))
            and not any(keys[: len(place)] == place for _, place in layout.places)
            and not self.code.makes(keys)
        )

    def _makes_root(self, composed: Composed) -> bool:
        """Whether the whole config of a job may be instantiated."""
        return composed.layout.is_own or self.code.makes_whole(composed.primary)

    def _as_made(self, fault: Diagnostic) -> Diagnostic:
        """The fault; a warning for a part without a target that the project's own script may leave out."""
        keys = split(fault.key or "")
        if (
            fault.code != "SER302"
            or self.project.layout.is_own
            or not self.code.makes_on_condition(keys[:-1])
        ):
            return fault
        return replace(fault, severity=Severity.WARNING, notes=(*fault.notes, _MADE_ON_CONDITION))

    def _run_checks(
        self, context: CheckContext, memo: NodeMemo, calls: tuple[tuple[Keys, str], ...]
    ) -> list[Diagnostic]:
        """The diagnostics of the checks, cached for parts that other jobs have too, of which a script makes the same calls."""
        root, layout = context.root, context.layout
        parts = parts_with_targets(root, [*context.targets])
        faults: list[Diagnostic] = []
        for check in self.checks:
            run = partial(run_check, check, context)
            if check.of_targets:
                further = {key: root.value[key] for key in check.also_of if key in root.value}
                faults += memo.of((check.name, layout, calls, *further), [*parts, *further.values()], run)
            elif check.of_each_part:
                for key, part in root.children():
                    of_part = partial(_run_on_part, check, context, key, part)
                    faults += memo.of((check.name, layout, key), [part], of_part)
            else:
                faults += run()
        return faults

    def _judge_setting(
        self, key: str, part: Node, root_folder: PurePosixPath, is_whole: bool
    ) -> list[Diagnostic]:
        settings = Node({key: part})
        faults = judge_hydra_settings(settings, root_folder, self.judge, is_whole=is_whole)
        return [*faults, *judge_hosts_of_plugins(settings, self.project)]

    def _read(self, place: TargetPlace) -> _Read:
        keys, node = place.keys, place.node
        target = node.get("_target_")
        assert target is not None
        faults = check_hydra_keys(keys, node)
        signature = self.judge.judge_node(keys, node)
        if isinstance(signature, list):
            is_plain_name = isinstance(target.value, str) and target.value.isidentifier()
            by_code = (is_plain_name and self.code.looks_up_names()) or (
                target.is_list and self.code.calls(keys)
            )
            told = [] if by_code and not self.project.layout.is_own else signature
            return _Read(None, [*faults, *told])
        read = TargetNode(
            keys=keys,
            node=node,
            target=target,
            signature=signature,
            called_later=place.called_later,
            is_nested=place.is_nested,
        )
        return _Read(read, faults)


def _run_on_part(check: NamedCheck, context: CheckContext, key: str, part: Node) -> list[Diagnostic]:
    alone = replace(context.root, value={key: part})
    return run_check(check, replace(context, root=alone))


@dataclass(frozen=True)
class _Read:
    """What is known of a node: the target, if it exists and is trusted, and the faults."""

    target: TargetNode | None
    faults: list[Diagnostic]
