"""Reading signatures from source; what `SignatureReader` does when the cache has no answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from serotiny.targets.annotations import Context
from serotiny.targets.callables import CallableReader
from serotiny.targets.classes import class_type
from serotiny.targets.docstrings import (
    class_docstring,
    class_docstrings,
    docstring,
    first_paragraph,
    parameter_descriptions,
)
from serotiny.targets.entities import (
    Absent,
    ClassEntity,
    Entity,
    FunctionEntity,
    ModuleEntity,
    NotInstalled,
    ValueEntity,
)
from serotiny.targets.follow import Follower
from serotiny.targets.log_calls import logged_metrics
from serotiny.targets.logged_metrics import LoggedMetrics
from serotiny.targets.shape import OPEN, any_of
from serotiny.targets.signature import Member, Parameter, TargetKind, TargetNotFound, TargetSignature
from serotiny.targets.types import ANY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serotiny.targets.module import ModuleTree
    from serotiny.targets.shape import Shape
    from serotiny.targets.types import ValueType

# Inherited docstrings describe inherited parameters, but nobody documents them further away than this.
_DOCUMENTED_BASES: Final = 4


class SourceReader:
    """Reads what targets accept from the modules of a tree."""

    def __init__(self, tree: ModuleTree) -> None:
        self._follower = Follower(tree)
        self._callables = CallableReader(self._follower)

    def read(self, path: str) -> TargetSignature | TargetNotFound:
        """What a dotted path accepts, or how far it could be followed."""
        try:
            return self._read(path)
        except RecursionError:
            # an expression that is nested a thousand deep: generated code, of which nothing can be said
            return TargetSignature(path, TargetKind.UNKNOWN, open=True, certain=False)

    def members(self, path: str) -> tuple[Member, ...]:
        """The public classes and functions of a module, in its own order; nothing for anything else."""
        entity = self._follower.path(path)[0]
        if not isinstance(entity, ModuleEntity):
            return ()
        found = []
        for name in self._follower.names(entity.module):
            match self._follower.module_member(entity.module, name)[0]:
                case ClassEntity():
                    found.append(Member(name, f"{path}.{name}", TargetKind.CLASS))
                case FunctionEntity():
                    found.append(Member(name, f"{path}.{name}", TargetKind.FUNCTION))
                case _:
                    pass
        return tuple(found)

    def _read(self, path: str) -> TargetSignature | TargetNotFound:
        entities = self._follower.path(path)
        match entities[0]:
            case NotInstalled(top_level):
                return TargetNotFound(path, "", top_level, installed=False)
            case Absent(found, missing, candidates):
                return TargetNotFound(path, found, missing, candidates)
            case ModuleEntity(module):
                return TargetNotFound(path, path, "", tuple(self._follower.names(module)))
            case _:
                return self._signature(entities)

    def logged_metrics(self, path: str) -> LoggedMetrics:
        """What a class logs; nothing certain for anything else."""
        entities = self._follower.path(path)
        if len(entities) != 1 or not isinstance(entities[0], ClassEntity):
            return LoggedMetrics()
        return logged_metrics(entities[0], self._follower)

    def _signature(self, entities: tuple[Entity, ...]) -> TargetSignature:
        shape = any_of(self._callables.shape(entity) for entity in entities)
        match entities[0]:
            case ClassEntity() as entity:
                return self._of_class(entity, shape)
            case FunctionEntity() as entity:
                return self._of_function(entity, shape)
            case ValueEntity() as entity:
                kind = TargetKind.UNKNOWN if shape == OPEN else TargetKind.FUNCTION
                file, line = entity.module.location.source, entity.value.lineno
                return TargetSignature(
                    entity.path, kind, shape.parameters, shape.open, certain=False, file=file, line=line
                )
            case entity:
                return TargetSignature(entity.path, TargetKind.UNKNOWN, open=True, certain=False)

    def _of_class(self, entity: ClassEntity, shape: Shape) -> TargetSignature:
        line = self._follower.linearise(entity)
        texts = class_docstrings(line.classes[:_DOCUMENTED_BASES], self._follower)
        return TargetSignature(
            entity.path,
            TargetKind.CLASS,
            _described(shape, texts),
            shape.open,
            line.paths,
            line.certain,
            class_type(entity, self._follower),
            first_paragraph(class_docstring(entity, self._follower)),
            entity.module.location.source,
            entity.node.lineno,
        )

    def _of_function(self, entity: FunctionEntity, shape: Shape) -> TargetSignature:
        text = docstring(entity.node)
        return TargetSignature(
            entity.path,
            TargetKind.FUNCTION,
            _described(shape, [text]),
            shape.open,
            returns=self._returns(entity),
            doc=first_paragraph(text),
            file=entity.module.location.source,
            line=entity.node.lineno,
        )

    def _returns(self, entity: FunctionEntity) -> ValueType:
        if entity.node.returns is None:
            return ANY
        context = Context(entity.module, entity.outer)
        return self._callables.parameters.annotation(entity.node.returns, context)


def _described(shape: Shape, texts: Sequence[str]) -> tuple[Parameter, ...]:
    descriptions: dict[str, str] = {}
    for text in texts:
        for name, description in parameter_descriptions(text).items():
            descriptions.setdefault(name, description)
    return tuple(
        replace(parameter, description=descriptions.get(parameter.name, "")) for parameter in shape.parameters
    )
