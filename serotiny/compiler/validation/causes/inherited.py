"""Report values that were written for another `_target_`, which an override or a later config has replaced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from serotiny.compiler.target_nodes import TargetNode
from serotiny.diagnostics import Diagnostic, Origin, Place
from serotiny.targets import SignatureReader, TargetNotFound, TargetSignature, accepts


@dataclass(frozen=True)
class Inherited:
    """Finds values that are at fault only because the `_target_` that accepts them was replaced by another."""

    found: TargetNode
    reader: SignatureReader

    def at_the_cause(self, faults: Iterable[Diagnostic]) -> list[Diagnostic]:
        """The faults, with those of such values moved to the new `_target_`, which does not accept them."""
        faults = list(faults)
        former = self.found.target.replaced
        if former is None or not faults:
            return faults
        signature = self.reader.read(former)
        if isinstance(signature, TargetNotFound):
            return faults
        return [self._at_target(fault, former) if self._took(signature, fault) else fault for fault in faults]

    def _took(self, former: TargetSignature, fault: Diagnostic) -> bool:
        """Whether a value was written for the former target, and is valid for it."""
        if fault.code not in ("SER301", "SER303", "SER304") or not self._is_older(fault.place):
            return False
        name = self.found.parameter_of(fault.key or "")
        value, parameter = self.found.node.get(name), former.parameter(name)
        if parameter is None or value is None:
            return former.open
        return fault.code == "SER301" or accepts(parameter.type, value.plain())

    def _is_older(self, place: Place) -> bool:
        target = self.found.target
        if place.origin is not Origin.FILE or place.file == target.place.file:
            return False
        written_with_it = any(place.file == before.file for before in target.history)
        return written_with_it or target.place.origin is Origin.OVERRIDE

    def _at_target(self, fault: Diagnostic, former: str) -> Diagnostic:
        name, target = self.found.parameter_of(fault.key or ""), self.found.target
        key = self.found.place_key(name)
        gone = fault.code == "SER301"
        if target.place.origin is Origin.OVERRIDE:
            cure = f"add `~{key}`" if gone else f"add `++{key}=…`"
        elif gone:
            cure = "write here what it takes, and take the option that has the rest out of the defaults list"
        else:
            cure = f"write `{name}: …` here too"
        note = f"`{key}` comes along from {fault.place}, where it was written for {former}"
        return replace(fault, place=target.place, help=cure, suggestion=None, notes=(*fault.notes, note))
