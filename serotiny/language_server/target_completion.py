"""The targets that are offered at a place: those of the kind that it takes, read from source and not imported."""

from __future__ import annotations

from pathlib import Path

from serotiny.compiler.queries.known_keys import KnownKey
from serotiny.compiler.target_nodes import KINDS
from serotiny.compiler.tree import Keys, Node, walk
from serotiny.language_server.session import Session
from serotiny.targets import SignatureCache, SignatureReader
from serotiny.targets.catalog.catalog import Target, TargetCatalog, gather
from serotiny.targets.catalog.homes import BUILTIN_HOMES, OPTIONAL_HOMES
from serotiny.targets.catalog.modules import public_modules
from serotiny.targets.value_types.types import instance_paths

_BY_NAME = {
    "optimizer": "Optimizer",
    "scheduler": "LRScheduler",
    "lr_scheduler": "LRScheduler",
    "loss": "Module",
}
"""Parameters that are seldom annotated, and the kind of target that they usually take."""


class TargetOffers:
    """The targets of one session; those of a kind are gathered on the first request for them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._pools: dict[str | None, TargetCatalog] = {}

    def offers(self, keys: Keys, known: KnownKey | None) -> list[Target]:
        """The targets for the node at `keys`, whose parameter is `known`."""
        kind = _kind(keys)
        catalog = self._pool(kind)
        if kind is not None:
            certain, unsure = catalog.of_kind(kind)
            return [*certain, *unsure]
        paths = frozenset(instance_paths(known.type)) if known is not None else frozenset()
        certain = catalog.instances(paths)[0] if paths else []
        return certain or list(catalog.targets)

    def _pool(self, kind: str | None) -> TargetCatalog:
        if kind not in self._pools:
            project, validator = self._session.project, self._session.validator
            homes = [
                home
                for home in (*BUILTIN_HOMES, *OPTIONAL_HOMES)
                if not kind or not home.kinds or kind in home.kinds
            ]
            own = () if project.package is None else public_modules(project.package, project.import_paths)
            self._pools[kind] = gather(
                validator.reader,
                validator.judge.trust,
                homes=homes,
                installed=SignatureReader(cache=SignatureCache()),
                own_modules=own,
                named=self._named(),
            )
        return self._pools[kind]

    def _named(self) -> set[str]:
        """The targets that the project's configs name already."""
        return {
            node.value
            for path in self._session.config_files()
            for node in _targets(self._session, path)
            if isinstance(node.value, str)
        }


def _targets(session: Session, path: Path) -> list[Node]:
    return [node for keys, node in walk(session.document(path).root) if keys and keys[-1] == "_target_"]


def _kind(keys: Keys) -> str | None:
    if len(keys) == 1 and keys[0] in KINDS:
        return KINDS[keys[0]]
    if keys[:2] == ("trainer", "callbacks") and len(keys) == 3:
        return KINDS["callbacks"]
    return _BY_NAME.get(str(keys[-1])) if keys else None
