"""SER301, SER302, SER303, SER304, SER311 and SER316: what a project's script hands on to a call, as in `Trainer(**cfg.trainer)`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from serotiny.compiler.project import Layout, Project
from serotiny.compiler.project_code import ProjectCode
from serotiny.compiler.project_code.scripts.handed_on import HandedOn
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.target_nodes import TargetNode, signature_name
from serotiny.compiler.tree import Keys, Node, join, select
from serotiny.compiler.validation.annotations import AnnotationJudge
from serotiny.compiler.validation.causes.supplied import Supplied
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.compiler.validation.targets.missing import missing_parameters
from serotiny.compiler.validation.targets.parameters import check_parameters
from serotiny.diagnostics import Diagnostic, Severity


@dataclass(frozen=True, kw_only=True)
class HandedOnJudge:
    """Judges the parts of a config from which a script calls something itself."""

    project: Project
    code: ProjectCode
    targets: TargetJudge
    annotations: AnnotationJudge

    def faults(self, resolved: Resolved) -> Iterator[Diagnostic]:
        """The faults of a job's parts; where several calls take the same part, only what is wrong for each of them."""
        for keys, calls in self._calls(resolved).items():
            first, *others = sorted(calls, key=lambda call: not call.is_certain)
            node = self._part(keys, resolved)
            if node is None:
                continue
            found = self._of_call(first, node, resolved)
            for call in others:
                known = {(fault.code, fault.place) for fault in self._of_call(call, node, resolved)}
                found = [fault for fault in found if (fault.code, fault.place) in known]
            yield from found

    def made(self, resolved: Resolved) -> dict[Keys, TargetNode]:
        """What is certainly made of a job's parts, each by calls of the same thing alone."""
        found: dict[Keys, TargetNode] = {}
        for keys, calls in self._calls(resolved).items():
            (call, *others) = sorted(calls, key=lambda call: not call.is_certain)
            is_same = call.is_certain and all(other.target == call.target for other in others)
            node = self._part(keys, resolved) if is_same else None
            target = self._target(call, node, resolved.composed.primary) if node is not None else None
            if target is not None:
                found[keys] = target
        return found

    def _calls(self, resolved: Resolved) -> dict[tuple[str, ...], list[HandedOn]]:
        by_keys: dict[tuple[str, ...], list[HandedOn]] = {}
        for call in self.code.scripts.handed_on(resolved.composed.primary):
            by_keys.setdefault(call.keys, []).append(call)
        return by_keys

    @staticmethod
    def _part(keys: tuple[str, ...], resolved: Resolved) -> Node | None:
        node = select(resolved.root, keys)
        is_plain = (
            node is not None and node.is_mapping and not node.incomplete and "_target_" not in node.value
        )
        return node if is_plain else None

    def _target(self, call: HandedOn, node: Node, primary: str) -> TargetNode | None:
        """The call as a target; None if the script may not import it, which is no fault of its config."""
        named = Node(call.target, node.blame_key())
        signature = self.targets.judge(call.keys, named)
        if isinstance(signature, list):
            return None
        return TargetNode(keys=call.keys, node=node, target=named, signature=signature, primary=primary)

    def _of_call(self, call: HandedOn, node: Node, resolved: Resolved) -> list[Diagnostic]:
        target = self._target(call, node, resolved.composed.primary)
        if target is None:
            return []
        names = call.names.union(item.name for item in target.signature.positional[: call.positions])
        layout = resolved.composed.layout.around(call.keys)
        told = [
            fault
            for fault in check_parameters(target, layout, self.annotations, self.code)
            if fault.code != "SER302" and target.parameter_of(fault.key or "") not in names
        ]
        if call.is_certain and call.is_unchanged:
            meant = {fault.suggestion for fault in told}
            told += self._missing(target, {*node.value, *names, *meant}, layout)
        told += _given_twice(target, names, node.value)
        note = f"{self.project.shown(call.file)}:{call.line} calls it with `**{join(call.keys)}`"
        if not call.is_certain:
            note = f"{note}, if it comes to that"
            told = [replace(fault, severity=Severity.WARNING) for fault in told]
        return [replace(fault, notes=(*fault.notes, note)) for fault in told]

    def _missing(self, target: TargetNode, given: Collection[object], layout: Layout) -> Iterator[Diagnostic]:
        supplied = Supplied(target, layout, self.code)
        for fault in missing_parameters(target, given, layout, self.code):
            if not supplied.passes(target.parameter_of(fault.key or "")):
                yield fault


def _given_twice(
    target: TargetNode, names: frozenset[str], given: Mapping[str, Node]
) -> Iterator[Diagnostic]:
    for name in sorted(names & given.keys()):
        yield Diagnostic(
            "SER311",
            f"`{name}` is given twice: here, and by the script that calls {signature_name(target)}",
            given[name].blame_key(),
            target.place_key(name),
            help=f"take `{name}` out",
        )
