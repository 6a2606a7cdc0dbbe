"""Stage three: every value against the schema of its group and the signature of its target."""

from __future__ import annotations

from dataclasses import dataclass

from serotiny.compiler.checks.builtin import BUILTIN_CHECKS
from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.installed import installed_checks
from serotiny.compiler.checks.run import NamedCheck, run_checks
from serotiny.compiler.project import Project
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.target_nodes import TargetNode, target_nodes
from serotiny.compiler.tree import Keys, Node, Unknown, join
from serotiny.compiler.validation.annotations import AnnotationJudge
from serotiny.compiler.validation.groups import validate_groups
from serotiny.compiler.validation.kinds import check_kinds, check_namespaces, check_shapes
from serotiny.compiler.validation.parts import validate_parts
from serotiny.compiler.validation.targets import (
    check_hydra_keys,
    check_parameters,
    check_products,
    distrusted,
    unfound,
)
from serotiny.compiler.validation.values import value_faults
from serotiny.diagnostics import Diagnostic
from serotiny.targets import SignatureCache, SignatureReader, TargetNotFound
from serotiny.targets.policy.trust import Trust
from serotiny.targets.value_types.types import STR
from serotiny.targets.value_types.words import kind_in_words


@dataclass(frozen=True)
class Validator:
    """Checks resolved configs of one project; each signature is read once."""

    project: Project
    reader: SignatureReader
    trust: Trust
    checks: tuple[NamedCheck, ...] = BUILTIN_CHECKS

    @classmethod
    def of_project(cls, project: Project) -> Validator:
        """A validator that reads the project's own modules before installed ones, and trusts them."""
        own = () if project.package is None else (project.package,)
        cache = SignatureCache()
        reader = SignatureReader(project.import_paths, cache)
        checks = (*BUILTIN_CHECKS, *installed_checks(cache, project.import_paths))
        return cls(project, reader, Trust((*own, *project.trusted)), checks)

    def validate(self, resolved: Resolved) -> list[Diagnostic]:
        """Everything that is wrong with one job's values: SER3xx and SER5xx."""
        root, layout = resolved.root, resolved.composed.layout
        is_own = resolved.composed.schema is not None
        faults = validate_groups(resolved, str(self.project.root)) if is_own else validate_parts(resolved)
        faults += check_shapes(root, layout)
        found: dict[Keys, TargetNode] = {}
        for keys, node, called_later in target_nodes(root):
            faults += check_hydra_keys(keys, node)
            read = self._read(keys, node, called_later)
            if isinstance(read, TargetNode):
                found[keys] = read
            else:
                faults += read
        judge = AnnotationJudge(self.reader, self.project.leniency)
        for target in found.values():
            faults += check_parameters(target, layout, judge)
            faults += check_products(target, found)
        faults += check_kinds(root, found, layout) + check_namespaces(found, layout)
        context = CheckContext(root, found, project=self.project, reader=self.reader, layout=layout)
        return faults + run_checks(self.checks, context)

    def _read(self, keys: Keys, node: Node, called_later: bool) -> TargetNode | list[Diagnostic]:
        target = node.get("_target_")
        assert target is not None
        if isinstance(target.value, Unknown):
            return []
        key = (*keys, "_target_")
        if target.is_mapping or target.is_list:
            message = f"`{join(key)}` must be str, not {kind_in_words(target.value)}"
            return [Diagnostic("SER303", message, target.place, join(key))]
        wrong = value_faults(STR, target, key)
        if wrong:
            return wrong
        if not target.value:
            return [Diagnostic("SER305", "`_target_` is empty", target.place, join(key))]
        verdict = self.trust.judge(target.value)
        if verdict == "forbidden":
            return [distrusted(keys, target, verdict)]
        signature = self.reader.read(target.value)
        if isinstance(signature, TargetNotFound) and not signature.installed:
            return [unfound(keys, target, signature)]  # nothing of it can run, so trust can wait
        if verdict is not None:
            return [distrusted(keys, target, verdict)]
        if isinstance(signature, TargetNotFound):
            return [unfound(keys, target, signature)]
        verdict = self.trust.judge(target.value, signature.path)
        if verdict is not None:
            return [distrusted(keys, target, verdict, signature.path)]
        return TargetNode(keys, node, target, signature=signature, called_later=called_later)
