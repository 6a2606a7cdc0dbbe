"""Find what a project's own script does to the parts of a job before it makes them, and whether a run does so too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from serotiny.compiler.project_code import ProjectCode
from serotiny.compiler.project_code.modules import ProjectModules
from serotiny.compiler.resolution.resolve import Resolved
from serotiny.compiler.target_nodes import target_places
from serotiny.compiler.tree import Keys, Node, join, select, split, walk
from serotiny.compiler.validation.memo import NodeMemo
from serotiny.compiler.validation.validate import Validator
from serotiny.diagnostics import Diagnostic, Place

_OF_ARGUMENTS: Final = frozenset({"SER301", "SER302", "SER303", "SER304"})
_GIVEN_BY_SEROTINY: Final = {"trainer": frozenset({"callbacks", "logger"})}


@dataclass(frozen=True)
class ByScript:
    """What the project's own script does to the parts of a job before it makes them.

    Attributes:
        left_out: the keys that it takes out and does nothing with; a run leaves them out too.
        faults: SER115 for what it gives, replaces or uses in its own way, which no run does.
    """

    left_out: frozenset[Keys] = frozenset()
    faults: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True)
class ScriptReading:
    """Compares the parts of jobs with what they would be without the project's own script."""

    validator: Validator
    _strict: Validator
    _memo: NodeMemo

    @classmethod
    def of(cls, validator: Validator) -> ScriptReading:
        """What tells the parts that `validator` accepts only because of the project's code."""
        project = validator.project
        leniency = replace(project.leniency, ignored_keys=())
        no_code = ProjectCode(ProjectModules(tuple, validator.reader.source_of))
        strict = replace(validator, project=replace(project, leniency=leniency), code=no_code, checks=())
        return cls(validator, strict, NodeMemo())

    def of_job(self, resolved: Resolved) -> ByScript:
        """What the script does to the parts of a sound job; nothing in serotiny's own layout, which has no script."""
        composed = resolved.composed
        if composed.layout.is_own or composed.operation is None:
            return ByScript()
        excused = [
            fault
            for fault in self._strict.validate(resolved, self._memo)
            if fault.is_error and fault.code in _OF_ARGUMENTS and self._is_of_a_part(split(fault.key or ""))
        ]
        left_out = set(self._ignored(resolved.root))
        faults: list[Diagnostic] = []
        for fault in excused:
            keys = split(fault.key or "")
            if any(keys[: len(out)] == out for out in left_out):
                continue
            if fault.code == "SER301" and self.validator.code.removals.discards(keys):
                left_out.add(keys)
            else:
                faults.append(_left_to_script(fault, composed.operation))
        faults += self._made_otherwise(resolved.root, composed.operation)
        return ByScript(frozenset(left_out), tuple(faults))

    def _is_of_a_part(self, keys: Keys) -> bool:
        places = [place for _, place in self.validator.project.layout.places]
        return any(keys[: len(place)] == place and len(keys) > len(place) for place in places)

    def _ignored(self, root: Node) -> Iterator[Keys]:
        """The keys in the parts that the project's table says are taken out."""
        leniency = self.validator.project.leniency
        if leniency.ignored_keys:
            for keys, _ in walk(root):
                if self._is_of_a_part(keys) and leniency.takes_out(join(keys)):
                    yield keys

    def _made_otherwise(self, root: Node, operation: str) -> Iterator[Diagnostic]:
        """SER115 for a part that the script makes with arguments of its own, or without what is nested in it."""
        for part, keys in self.validator.project.layout.places:
            node = select(root, keys)
            target = node.get("_target_") if node is not None else None
            if node is None or target is None:
                continue
            supplies = [found for found in self.validator.code.additions.supplies_of(keys) if found.is_call]
            known = _GIVEN_BY_SEROTINY.get(part, frozenset()) | frozenset(map(str, node.value))
            given = sorted({name for found in supplies for name in found.names} - known)
            if given:
                names = ", ".join(f"`{name}`" for name in given)
                message = f"the project's own script gives {names} to `{join(keys)}`, and `serotiny {operation}` does not"
                yield _of_script(message, target.place, keys, f"write it into `{join(keys)}`")
            nested = any(place.keys for place in target_places(node))
            if nested and node.get("_recursive_") is None and any(found.is_flat for found in supplies):
                message = f"the project's own script makes `{join(keys)}` with a `_recursive_` of its own"
                fix = f"write the same into `{join(keys)}`, as in `_recursive_: false`"
                yield _of_script(message, target.place, keys, fix)


def _left_to_script(fault: Diagnostic, operation: str) -> Diagnostic:
    message = (
        f"{fault.message}, and what the project's own script does about it, `serotiny {operation}` does not"
    )
    keys = split(fault.key or "")
    fix = f"give it in `{join(keys[:-1])}`"
    if fault.code == "SER301":
        fix = f'if it has no effect, say in [tool.serotiny] that it is to be left out: `ignored_keys = ["{keys[-1]}"]`'
    return _of_script(message, fault.place, keys, fix)


def _of_script(message: str, place: Place, keys: Keys, fix: str) -> Diagnostic:
    return Diagnostic("SER115", message, place, join(keys), help=f"{fix}, or run the project's own script")
