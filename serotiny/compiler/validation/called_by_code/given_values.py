"""SER303 and SER304: a single value that a project's script gives to a call, as in `seed_everything(cfg.seed)`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from serotiny.compiler.project import Project
from serotiny.compiler.project_code import ProjectCode
from serotiny.compiler.project_code.scripts.given_values import GivenValue
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.tree import Node, Unknown, select
from serotiny.compiler.validation.annotations import AnnotationJudge
from serotiny.compiler.validation.judge import TargetJudge
from serotiny.compiler.validation.values import parameter_faults
from serotiny.diagnostics import Diagnostic, Severity
from serotiny.targets import Parameter, ParameterKind, TargetSignature


@dataclass(frozen=True, kw_only=True)
class GivenValueJudge:
    """Judges the values of a config that a script gives to something that it imports."""

    project: Project
    code: ProjectCode
    targets: TargetJudge
    annotations: AnnotationJudge

    def faults(self, resolved: Resolved) -> Iterator[Diagnostic]:
        """The faults of a job's values, one of each value; where no call is certain, only what is wrong for all of them."""
        by_keys: dict[tuple[str, ...], list[GivenValue]] = {}
        primary = resolved.composed.primary
        for given in self.code.scripts.given_values(primary):
            by_keys.setdefault(given.keys, []).append(given)
        for keys, calls in by_keys.items():
            node = select(resolved.root, keys)
            if (
                node is None
                or node.incomplete
                or not _is_single(node)
                or self.code.words.may_assign(keys[-1])
            ):
                continue
            certain = [call for call in calls if call.is_certain]
            found = [self._of_call(call, node, primary) for call in certain]
            others = [call for call in calls if not call.is_certain]
            if not any(found) and node.value is not None and not self.code.making.asks(keys):
                of_others = [self._of_call(call, node, primary) for call in others]
                found = of_others if all(of_others) else []
            yield from next(filter(None, found), [])

    def _of_call(self, call: GivenValue, node: Node, primary: str) -> list[Diagnostic]:
        signature = self.targets.judge(call.keys, Node(call.target, node.blame_key()))
        if isinstance(signature, list):
            return []  # the script may import it, which is no fault of its config
        parameter = _parameter(signature, call.parameter)
        if parameter is None:
            return []
        found = parameter_faults(signature, parameter, node, keys=call.keys, judge=self.annotations)
        if not found:
            return []
        line = self.code.scripts.line_of_given(primary, call.keys, call.target, call.parameter)
        note = f"{self.project.shown(call.file)}:{line} gives it to `{call.target}` as `{parameter.name}`"
        if not call.is_certain:
            note = f"{note}, if it comes to that"
            found = [replace(fault, severity=Severity.WARNING) for fault in found]
        return [replace(fault, notes=(*fault.notes, note)) for fault in found]


def _is_single(node: Node) -> bool:
    return not (node.is_mapping or node.is_list or isinstance(node.value, Unknown))


def _parameter(signature: TargetSignature, called: str | int) -> Parameter | None:
    if isinstance(called, str):
        return signature.parameter(called)
    found = signature.positional[called] if called < len(signature.positional) else None
    return None if found is None or found.kind is ParameterKind.VAR_POSITIONAL else found
