"""Report values that were written for another `_target_`, which an override or a later config has replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from serotiny.compiler.target_nodes import TargetNode, signature_name
from serotiny.diagnostics import Diagnostic, Origin, Place
from serotiny.diagnostics.counts import first_of
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
        moved = [fault for fault in faults if self._took(signature, fault)]
        gone = [fault for fault in moved if fault.code == "SER301"]
        others = [fault for fault in faults if fault not in gone]
        left = [self._at_target(fault, former) if fault in moved else fault for fault in others]
        return [*self._all_gone(gone, former), *left]

    def _all_gone(self, faults: Sequence[Diagnostic], former: str) -> Iterator[Diagnostic]:
        """Those of keys that the new target does not take, as one: a single change of the config takes out all."""
        if not faults:
            return
        first, *others = (self._at_target(fault, former) for fault in faults)
        if not others:
            yield first
            return
        keys = [fault.key or "" for fault in (first, *others)]
        *before, last = (f"`{self.found.parameter_of(key)}`" for key in keys)
        names = f"{', '.join(before)} and {last}"
        message = f"{names} are not parameters of {first.target or signature_name(self.found)}"
        note = f"so do{'es' * (len(others) == 1)} {first_of([f'`{key}`' for key in keys[1:]])}"
        fix = first.help
        if self.found.target.place.origin is Origin.OVERRIDE:
            fix = f"add `{' '.join(f'~{key}' for key in keys)}`"
        yield replace(first, message=message, help=fix, notes=(*first.notes, note))

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
