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
from serotiny.compiler.limits import MAX_FAULTS
from serotiny.compiler.project import Layout, Project
from serotiny.compiler.project_code import ProjectCode
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.target_nodes import TargetNode, TargetPlace, target_places
from serotiny.compiler.tree import Keys, Node, split
from serotiny.compiler.validation.annotations import AnnotationJudge
from serotiny.compiler.validation.called_by_code.given_values import GivenValueJudge
from serotiny.compiler.validation.called_by_code.handed_on import HandedOnJudge
from serotiny.compiler.validation.called_by_code.partials import incomplete_partials, is_replaced
from serotiny.compiler.validation.called_by_code.script_reads import ScriptReadJudge
from serotiny.compiler.validation.groups import validate_groups
from serotiny.compiler.validation.hosts import judge_hosts, judge_hosts_of_target
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.compiler.validation.kinds import check_kinds, check_namespaces, check_shapes
from serotiny.compiler.validation.memo import NodeMemo, parts_with_targets
from serotiny.compiler.validation.misspelt_targets import misspelt_targets
from serotiny.compiler.validation.parts import validate_parts
from serotiny.compiler.validation.targets.parameters import check_hydra_keys, check_parameters
from serotiny.compiler.validation.targets.products import check_products
from serotiny.diagnostics import Diagnostic, Severity
from serotiny.targets import SignatureCache, SignatureReader

_MADE_ON_CONDITION: Final = "the project's code instantiates it only where a condition holds"
_REPLACED: Final = "the project's code may put another in its place"


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
        annotations = AnnotationJudge(self.reader, self.project.leniency)
        faults = self._of_groups(resolved, memo)
        read, of_nodes = self._read_targets(resolved, memo, MAX_FAULTS - len(faults))
        faults += of_nodes
        of_wrong_kind = self._of_wrong_kind(resolved, read)
        misplaced = frozenset(fault.key for fault in of_wrong_kind)
        faults += self._of_arguments(
            resolved, read, annotations, memo, misplaced=misplaced, most=MAX_FAULTS - len(faults)
        )
        by_script: dict[Keys, TargetNode] = {}
        if resolved.composed.schema is None:
            handed_on = HandedOnJudge(
                project=self.project, code=self.code, targets=self.judge, annotations=annotations
            )
            faults += handed_on.faults(resolved)
            by_script = handed_on.made(resolved)
            known = {fault.key for fault in faults}
            faults += [
                fault for fault in self._by_reads(resolved, annotations, memo) if fault.key not in known
            ]
        told = frozenset(fault.key for fault in faults)
        faults += misspelt_targets(resolved.root, memo, told, self.code.words.mentions)
        faults += of_wrong_kind + check_namespaces(read.targets, resolved.composed.layout)
        if resolved.hydra is not None:
            # imports OmegaConf's containers, which nothing else needs
            from serotiny.compiler.validation.hydra_node.early_folders import early_resolvers
            from serotiny.compiler.validation.hydra_node.faults import faults_of_hydras_node

            faults += early_resolvers(resolved, self.code.resolvers.registered)
            told = frozenset(fault.key for fault in faults)
            faults += faults_of_hydras_node(resolved, read.targets, self.judge, memo, told)
        by_checks = self._of_checks(resolved, read.targets, by_script, memo)
        # of one value that is wrong by itself, its limits say better what it must be than the error that it raises
        values = {fault.key for fault in [*faults, *by_checks] if fault.code in ("SER303", "SER304")}
        faults = [fault for fault in faults if fault.code != "SER316" or fault.key not in values]
        return [*faults, *by_checks]

    def _of_groups(self, resolved: Resolved, memo: NodeMemo) -> list[Diagnostic]:
        """What is wrong with the groups, as far as no signature is needed for it."""
        root, layout = resolved.root, resolved.composed.layout
        if resolved.composed.schema is None:
            faults = validate_parts(resolved)
        else:
            faults = validate_groups(resolved, PurePosixPath(self.project.root.as_posix()), memo)
        faults += [self._as_made(fault) for fault in check_shapes(root, layout)]
        return [*faults, *judge_hosts(root, layout, self.project)]

    def _read_targets(
        self, resolved: Resolved, memo: NodeMemo, most: int
    ) -> tuple[_Targets, list[Diagnostic]]:
        """The targets of a job, and up to about so many faults of the nodes that name them."""
        root, layout = resolved.root, resolved.composed.layout
        read, faults = _Targets({}, set()), list[Diagnostic]()
        for place in target_places(root, is_root_made=partial(self._makes_root, resolved.composed)):
            if len(faults) > most:
                break
            question = ("target", place.keys, place.called_later, place.is_nested)
            found = memo.of(question, [place.node], partial(self._read, place))
            faults += found.faults
            faults += judge_hosts_of_target(place, root, layout, self.project)
            if found.target is not None:
                read.targets[place.keys] = found.target
            elif any(fault.code == "SER312" for fault in found.faults):
                read.not_installed.add(place.keys)
        return read, faults

    def _of_wrong_kind(self, resolved: Resolved, read: _Targets) -> list[Diagnostic]:
        own = (self.project.package, *self.project.trusted)
        return check_kinds(resolved.root, read.targets, resolved.composed.layout, own)

    def _of_arguments(
        self,
        resolved: Resolved,
        read: _Targets,
        annotations: AnnotationJudge,
        memo: NodeMemo,
        *,
        misplaced: frozenset[str | None],
        most: int,
    ) -> list[Diagnostic]:
        """Up to about so many faults of what the targets are called with, but of those that are not for their place."""
        layout = resolved.composed.layout
        faults: list[Diagnostic] = []
        for keys, read_target in read.targets.items():
            if len(faults) > most:
                break
            if read_target.place_key("_target_") in misplaced:
                continue
            called_later = read_target.called_later or self._may_be_made_elsewhere(read_target, read, layout)
            primary, around = resolved.composed.primary, layout.around(keys)
            target = replace(read_target, called_later=called_later, primary=primary)
            # what is read of a nested target depends on the same
            about = ("arguments", keys, called_later, target.is_nested, primary, around)
            judged = partial(self._judge_arguments, target, read.targets, around, annotations)
            faults += memo.of(about, [target.node], judged)
        return [fault for fault in faults if not is_replaced(fault, read.targets, self.reader)]

    def _judge_arguments(
        self,
        target: TargetNode,
        targets: dict[Keys, TargetNode],
        around: Layout,
        annotations: AnnotationJudge,
    ) -> list[Diagnostic]:
        return [
            *check_parameters(target, around, annotations, self.code),
            *check_products(target, targets, around, annotations),
            *(
                fault
                for fault in incomplete_partials(target, targets, self.reader)
                if fault.code != "SER302"
                or not self.code.additions.completes_partials(str(split(fault.key or "")[-1]))
            ),
        ]

    def _by_reads(self, resolved: Resolved, judge: AnnotationJudge, memo: NodeMemo) -> Iterator[Diagnostic]:
        """The faults of single values and keys that the project's own script reads."""
        yield from GivenValueJudge(
            project=self.project, code=self.code, targets=self.judge, annotations=judge
        ).faults(resolved)
        yield from ScriptReadJudge(project=self.project, code=self.code, memo=memo).faults(resolved)

    def _may_be_made_elsewhere(self, target: TargetNode, read: _Targets, layout: Layout) -> bool:
        """Whether a node stands in one of a package that is not installed, which may instantiate both in its own way."""
        keys = target.keys
        return (
            target.is_nested
            and any(keys[:depth] in read.not_installed for depth in range(len(keys)))
            and not any(keys[: len(place)] == place for _, place in layout.places)
            and not self.code.making.makes(keys)
        )

    def _makes_root(self, composed: Composed) -> bool:
        """Whether the whole config of a job may be instantiated."""
        return composed.layout.is_own or self.code.making.makes_whole(composed.primary)

    def _as_made(self, fault: Diagnostic) -> Diagnostic:
        """The fault; a warning for a part without a target that the project's own script may leave out, or replace."""
        keys = split(fault.key or "")
        if fault.code != "SER302" or self.project.layout.is_own:
            return fault
        if self.code.making.makes_on_condition(keys[:-1]):
            note = _MADE_ON_CONDITION
        elif self.code.additions.replaces(str(keys[0])):
            note = _REPLACED
        else:
            return fault
        return replace(fault, severity=Severity.WARNING, notes=(*fault.notes, note))

    def _of_checks(
        self,
        resolved: Resolved,
        targets: dict[Keys, TargetNode],
        by_script: dict[Keys, TargetNode],
        memo: NodeMemo,
    ) -> list[Diagnostic]:
        """The diagnostics of the checks, cached for parts that other jobs have too, of which a script makes the same calls."""
        root, layout = resolved.root, resolved.composed.layout
        context = CheckContext(
            root=root,
            targets={**targets, **by_script},
            project=self.project,
            reader=self.reader,
            layout=layout,
            registers=self.code.words.registers,
            operation=resolved.composed.operation,
        )
        calls = tuple((keys, target.signature.path) for keys, target in by_script.items())
        parts = parts_with_targets(root, [*context.targets])
        faults: list[Diagnostic] = []
        for check in self.checks:
            run = partial(run_check, check, context)
            if check.of_targets:
                further = {key: root.value[key] for key in check.also_of if key in root.value}
                about = (check.name, layout, context.operation, calls, *further)
                faults += memo.of(about, [*parts, *further.values()], run)
            elif check.of_each_part:
                for key, part in root.children():
                    of_part = partial(_run_on_part, check, context, key, part)
                    faults += memo.of((check.name, layout, key), [part], of_part)
            else:
                faults += run()
        return faults

    def _read(self, place: TargetPlace) -> _Read:
        keys, node = place.keys, place.node
        target = node.get("_target_")
        assert target is not None
        faults = check_hydra_keys(keys, node)
        signature = self.judge.judge_node(keys, node)
        if isinstance(signature, list):
            name = target.value if isinstance(target.value, str) and "." not in target.value else ""
            by_code = (
                (name.isidentifier() and self.code.targets.looks_up_names())
                or (name and self.code.targets.registers(name))
                or (target.is_list and self.code.targets.calls(keys))
                # it may ask whether there is one, or leave a place free that nothing is made of
                or (
                    target.value is None
                    and (self.code.targets.takes_them() or not self.code.making.makes(keys))
                )
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
class _Targets:
    """The targets of a job by their nodes, and the nodes whose package is not installed."""

    targets: dict[Keys, TargetNode]
    not_installed: set[Keys]


@dataclass(frozen=True)
class _Read:
    """What is known of a node: the target, if it exists and is trusted, and the faults."""

    target: TargetNode | None
    faults: list[Diagnostic]
