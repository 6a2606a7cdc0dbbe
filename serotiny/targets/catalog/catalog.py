"""The targets that editors offer, gathered by reading source; nothing is imported."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from serotiny.targets import TargetKind, TargetNotFound, TargetSignature, Ternary, is_instance, is_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from serotiny.targets import Member, SignatureReader, Trust
    from serotiny.targets.catalog.homes import Home


@dataclass(frozen=True, slots=True)
class Target:
    """A class or function that a config may name.

    Attributes:
        paths: the paths by which it is offered, the preferred one first.
        aliases: further paths that lead to it, accepted but not offered.
        signature: what it accepts; None when its package is not installed.
    """

    paths: tuple[str, ...]
    aliases: tuple[str, ...]
    signature: TargetSignature | None

    @property
    def doc(self) -> str:
        return self.signature.doc if self.signature is not None else ""


@dataclass(frozen=True)
class TargetCatalog:
    """Targets, sorted by path."""

    targets: tuple[Target, ...]

    def of_kind(self, kind: str) -> tuple[list[Target], list[Target]]:
        """The targets that certainly make an object of a kind, and those that may."""
        return self._split([(target, is_kind(sig, kind)) for target, sig in self._signatures])

    def instances(self, paths: frozenset[str]) -> tuple[list[Target], list[Target]]:
        """The targets that certainly make an instance of one of some classes, and those that may."""
        return self._split([(target, is_instance(sig, paths)) for target, sig in self._signatures])

    @cached_property
    def _signatures(self) -> tuple[tuple[Target, TargetSignature], ...]:
        return tuple((target, target.signature) for target in self.targets if target.signature is not None)

    def _split(self, answers: list[tuple[Target, Ternary]]) -> tuple[list[Target], list[Target]]:
        unread = [target for target in self.targets if target.signature is None]
        certain = [target for target, answer in answers if answer is Ternary.YES]
        return certain, [*(target for target, answer in answers if answer is Ternary.UNSURE), *unread]


def gather(
    reader: SignatureReader,
    trust: Trust,
    *,
    homes: Sequence[Home],
    installed: SignatureReader,
    own_modules: Sequence[str] = (),
    named: Iterable[str] = (),
) -> TargetCatalog:
    """Read the targets of a catalog; those that fail whatever they are given are left out.

    Args:
        reader: reads the project's own targets and those that its configs name.
        installed: reads those of the homes; it knows no project, so that all projects share its cached answers.
        trust: decides what a config may name at all.
        homes: modules of installed packages.
        own_modules: modules of the project; all classes and functions that they define are taken.
        named: paths that configs name, taken when they exist and are trusted.
    """
    gathering = _Gathering(trust=trust)
    for home in homes:
        for member in installed.members(home.module):
            gathering.add_member(member, home.kinds, installed)
    for module in sorted(own_modules, key=lambda name: (name.count("."), name)):
        package = module.partition(".")[0]
        for member in reader.members(module):
            gathering.add_own(member, package, reader)
    for path in sorted(set(named)):
        gathering.add_named(path, reader)
    return gathering.catalog()


@dataclass(kw_only=True)
class _Gathering:
    trust: Trust
    signatures: dict[str, TargetSignature] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=dict)
    aliases: dict[str, list[str]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    """Where classes are defined in a module that a function of its name hides: no path leads through that."""

    def add_member(self, member: Member, kinds: tuple[str, ...], reader: SignatureReader) -> None:
        if member.kind is not TargetKind.CLASS or member.name.startswith("_"):
            return
        signature = self._read(member.path, reader)
        if signature is None or _is_exception(signature):
            return
        if kinds and not any(_is_made(signature, kind) for kind in kinds):
            return
        self._offer(member.path, signature, reader, again=False)

    def add_own(self, member: Member, package: str, reader: SignatureReader) -> None:
        signature = self._read(member.path, reader)
        is_own = signature is not None and signature.path.startswith(f"{package}.")
        if signature is not None and is_own and not _is_exception(signature):
            self._offer(member.path, signature, reader, again=False)

    def add_named(self, path: str, reader: SignatureReader) -> None:
        found = reader.read(path)
        if isinstance(found, TargetNotFound):
            if not found.installed and self.trust.judge_name(path) is None:
                self.unread.append(path)
        elif found.failure is None and self.trust.judge(path, found) is None:
            self._offer(path, found, reader, again=True)

    def catalog(self) -> TargetCatalog:
        targets = [
            Target(tuple(paths), self._aliases(canonical, paths), self.signatures[canonical])
            for canonical, paths in self.offered.items()
        ]
        targets += [Target((path,), (), None) for path in self.unread]
        return TargetCatalog(tuple(sorted(targets, key=lambda target: target.paths)))

    def _aliases(self, canonical: str, offered: Sequence[str]) -> tuple[str, ...]:
        """Further paths that a config may name; the path where a class is defined may be private."""
        named = {*self.aliases[canonical], canonical} - {*offered} - self.hidden
        return tuple(sorted(path for path in named if self.trust.judge_name(path) is None))

    def _read(self, path: str, reader: SignatureReader) -> TargetSignature | None:
        found = reader.read(path)
        if isinstance(found, TargetNotFound) or self.trust.judge(path, found) is not None:
            return None
        return found if found.failure is None else None

    def _offer(self, path: str, signature: TargetSignature, reader: SignatureReader, *, again: bool) -> None:
        """Offer a path; with `again` also when its target is already offered under another one."""
        canonical = signature.path
        if canonical not in self.offered:
            self.signatures[canonical] = signature
            self.offered[canonical], self.aliases[canonical] = [path], []
            module = reader.read(canonical.rpartition(".")[0])
            if isinstance(module, TargetSignature) and module.kind is TargetKind.FUNCTION:
                self.hidden.add(canonical)
        elif path not in self.offered[canonical]:
            (self.offered if again else self.aliases)[canonical].append(path)


def _is_exception(signature: TargetSignature) -> bool:
    return "builtins.BaseException" in signature.bases or "builtins.Exception" in signature.bases


def _is_made(signature: TargetSignature, kind: str) -> bool:
    """Whether this is a class of a kind, and not the abstract one that the kind is named after."""
    is_root = kind != "Trainer" and signature.path.rpartition(".")[2] == kind
    return not is_root and is_kind(signature, kind) is Ternary.YES
