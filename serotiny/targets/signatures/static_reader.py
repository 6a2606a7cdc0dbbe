"""Read signatures from source, when the cache of `SignatureReader` has no answer."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from serotiny.targets.metrics.helpers import logs_nothing
from serotiny.targets.metrics.log_calls import logged_metrics
from serotiny.targets.metrics.logged_metrics import LoggedMetrics
from serotiny.targets.modules.scope import Assigned, Branch, Defined
from serotiny.targets.names.broken_imports import examine
from serotiny.targets.names.resolver import NameResolver
from serotiny.targets.names.symbols import (
    ClassSymbol,
    FunctionSymbol,
    MissingName,
    ModuleSymbol,
    NotInstalled,
    OpaqueSymbol,
    Symbol,
    ValueSymbol,
)
from serotiny.targets.signature import (
    BodyNeeds,
    CallForm,
    ClassConstant,
    HookFault,
    Member,
    Parameter,
    Passed,
    TargetKind,
    TargetNotFound,
    TargetSignature,
)
from serotiny.targets.signatures.annotations import Context
from serotiny.targets.signatures.body.argument_calls import calls_of_argument
from serotiny.targets.signatures.body.base_arguments import passed_to_base
from serotiny.targets.signatures.body.fixed_attributes import is_always
from serotiny.targets.signatures.body.hooks import hook_faults
from serotiny.targets.signatures.body.instance_attributes import certainly_lacks, not_overridden
from serotiny.targets.signatures.body.refusals.reader import refusals_of
from serotiny.targets.signatures.body_reader import BodyReader
from serotiny.targets.signatures.call_shape import OPEN, any_of
from serotiny.targets.signatures.callables.reader import CallableReader
from serotiny.targets.signatures.callables.values import WRAPPERS, wrapped_by
from serotiny.targets.signatures.choices import number_limits, text_choices
from serotiny.targets.signatures.class_kinds import TYPED_DICTS, class_type
from serotiny.targets.signatures.docstrings import (
    class_docstring,
    class_docstrings,
    docstring,
    first_paragraph,
    parameter_descriptions,
)
from serotiny.targets.signatures.failing import failure_of
from serotiny.targets.value_types.types import ANY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serotiny.targets.import_chain import Examined
    from serotiny.targets.modules.module import ModuleTree
    from serotiny.targets.modules.scope import Binding
    from serotiny.targets.signatures.call_shape import CallShape
    from serotiny.targets.value_types.types import ValueType

_DOCUMENTED_BASES: Final = 4
"""How many classes of the method resolution order are searched for the descriptions of parameters."""

_LIGHTNING: Final = ("pytorch_lightning.core.", "lightning.pytorch.core.")

_MOST_WRAPPED: Final = 8


class StaticReader:
    """Reads what targets accept from the modules of a tree."""

    def __init__(self, tree: ModuleTree) -> None:
        self._resolver = NameResolver(tree)
        self._callables = CallableReader(self._resolver)

    def read(self, path: str) -> TargetSignature | TargetNotFound:
        """What a dotted path accepts, or how far it could be followed."""
        try:
            return self._read(path)
        except RecursionError:
            # generated code with expressions that are nested a thousand deep
            return TargetSignature(path=path, kind=TargetKind.UNKNOWN, open=True, certain=False)

    def members(self, path: str) -> tuple[Member, ...]:
        """The public classes and functions of a module, in its own order; nothing for anything else."""
        symbol = self._resolver.path(path)[0]
        if not isinstance(symbol, ModuleSymbol):
            return ()
        found = []
        for name in self._resolver.exports.names(symbol.module):
            match self._resolver.module_member(symbol.module, name)[0]:
                case ClassSymbol():
                    found.append(Member(name, f"{path}.{name}", TargetKind.CLASS))
                case FunctionSymbol():
                    found.append(Member(name, f"{path}.{name}", TargetKind.FUNCTION))
                case _:
                    pass
        return tuple(found)

    def _read(self, path: str) -> TargetSignature | TargetNotFound:
        symbols = self._resolver.path(path)
        match symbols[0]:
            case NotInstalled(package=package):
                return TargetNotFound(path=path, found="", missing=package, installed=False)
            case MissingName(found, missing, candidates):
                return TargetNotFound(path=path, found=found, missing=missing, candidates=candidates)
            case ModuleSymbol(module):
                names = self._resolver.exports.names(module)
                defined = [
                    name
                    for name in names
                    if any(isinstance(found, Defined) for found in module.scope.candidates(name))
                ]
                return TargetNotFound(
                    path=path,
                    found=path,
                    missing="",
                    candidates=tuple(defined) or self._resolver.exports.offered(module, names),
                )
            case OpaqueSymbol(through_value=True) if (absent := self._absent_module(path)) is not None:
                return absent
            case _:
                return self._signature(symbols)

    def _absent_module(self, path: str) -> TargetNotFound | None:
        """The module that a path goes through and that is not there, of a package that makes names as it runs.

        What such a package makes is spelled somewhere in its source, and goes by the name of a class.
        """
        names = path.split(".")
        for depth in range(1, len(names) - 1):
            symbol = self._resolver.path(".".join(names[:depth]))[0]
            if not isinstance(symbol, ModuleSymbol):
                return None
            module, name = symbol.module, names[depth]
            if isinstance(self._resolver.module_member(module, name)[0], ModuleSymbol):
                continue
            if not module.is_package or not name.islower() or re.search(rf"\b{name}\b", module.text):
                return None
            candidates = tuple(self._resolver.exports.names(module))
            return TargetNotFound(path=path, found=module.name, missing=name, candidates=candidates)
        return None

    def logged_metrics(self, path: str) -> LoggedMetrics:
        """What a class logs; nothing certain for anything else."""
        symbol = self._only_class(path)
        if symbol is None:
            return LoggedMetrics()
        return logged_metrics(symbol, self._resolver)

    def logs_nothing(self, path: str) -> bool:
        """Whether a callback of one's own certainly logs nothing."""
        symbol = self._only_class(path)
        return symbol is not None and logs_nothing(symbol, self._resolver)

    def body_needs(self, target: str, body: str, name: str) -> BodyNeeds:
        """What a function or class needs of one of its parameters when a target is called."""
        try:
            return BodyReader(self._callables, target).needs(body, name)
        except RecursionError:
            return BodyNeeds()

    def calls_of_argument(self, path: str, name: str) -> tuple[CallForm, ...]:
        """How a class or function calls what one of its parameters holds."""
        symbols = self._resolver.path(path)
        if len(symbols) != 1:
            return ()
        try:
            return calls_of_argument(symbols[0], name, self._resolver)
        except RecursionError:
            return ()

    def passed_to_base(self, path: str, name: str) -> Passed | None:
        """What the constructor of a class passes to a parameter of its base."""
        symbols = self._resolver.path(path)
        return passed_to_base(symbols[0], name, self._resolver) if len(symbols) == 1 else None

    def examined(self, name: str) -> Examined | None:
        """What importing the module of a name comes to; None for a name that is no module."""
        module = self._resolver.tree.module(name)
        return None if module is None else examine(module, self._resolver)

    def class_constant(self, path: str, name: str) -> ClassConstant | None:
        """The literal that a class or one of its bases assigns to a name; None when it cannot be read."""
        symbol = self._only_class(path)
        if symbol is None:
            return None
        for owner in self._resolver.linearise(symbol).classes:
            bound = owner.scope.candidates(name)
            values = [item for item in bound if not (isinstance(item, Assigned) and item.value is None)]
            if len(values) > 1:
                return None
            if values:
                return _constant(values[0])
        return None

    def has_method(self, path: str, name: str) -> bool:
        """Whether a class, or one of its bases other than Lightning's own, certainly defines a method."""
        symbol = self._only_class(path)
        if symbol is None:
            return False
        return any(
            isinstance(bound, Defined) and bound.branch is Branch.ALWAYS
            for owner in self._resolver.linearise(symbol).classes
            if not owner.path.startswith(_LIGHTNING)
            for bound in owner.scope.candidates(name)
        )

    def certainly_lacks(self, path: str, name: str) -> bool:
        """Whether no instance of a class has an attribute or a hyperparameter of this name."""
        symbol = self._only_class(path)
        if symbol is None:
            return False
        return certainly_lacks(symbol, name, self._resolver)

    def not_overridden(self, path: str, names: tuple[str, ...]) -> tuple[str, ...]:
        """The names of methods for which every instance of a Lightning class certainly has what Lightning has."""
        symbol = self._only_class(path)
        if symbol is None:
            return ()
        return not_overridden(symbol, names, self._resolver)

    def required_keys(self, path: str) -> tuple[str, ...]:
        """The keys that a typed dict requires."""
        symbol = self._only_class(path)
        if symbol is None:
            return ()
        if TYPED_DICTS.isdisjoint(self._resolver.linearise(symbol).paths):
            return ()
        keys = self._callables.typed_keys(symbol)
        return tuple(key.name for key in keys.parameters if key.required)

    def is_always(self, path: str, name: str, value: bool) -> bool:
        """Whether every instance of a class certainly has `value` as this attribute."""
        symbol = self._only_class(path)
        if symbol is None:
            return False
        return is_always(symbol, name, value, self._resolver)

    def hook_faults(self, path: str) -> tuple[HookFault, ...]:
        """The methods of a class that Lightning cannot call as a hook, or that misspell the name of one."""
        symbol = self._only_class(path)
        if symbol is None:
            return ()
        return hook_faults(symbol, self._resolver)

    def _only_class(self, path: str) -> ClassSymbol | None:
        """The class that a path leads to; None where it is something else, or may be."""
        symbols = self._resolver.path(path)
        return symbols[0] if len(symbols) == 1 and isinstance(symbols[0], ClassSymbol) else None

    def _signature(self, symbols: tuple[Symbol, ...]) -> TargetSignature:
        others = {symbol.path for symbol in symbols[1:]} - {symbols[0].path}
        failure = failure_of(symbols[0], self._resolver) if len(symbols) == 1 else None
        return replace(self._first_signature(symbols), others=tuple(sorted(others)), failure=failure)

    def _first_signature(self, symbols: tuple[Symbol, ...]) -> TargetSignature:
        shape = any_of(self._callables.shape(symbol) for symbol in symbols)
        match symbols[0]:
            case ClassSymbol() as symbol:
                signature = self._of_class(symbol, shape)
                # which of several definitions, and so which bases it has, is known only at run time
                return signature if len(symbols) == 1 else replace(signature, bases=(), certain=False)
            case FunctionSymbol() as symbol:
                return self._of_function(symbol, shape)
            case ValueSymbol() as symbol:
                kind = TargetKind.UNKNOWN if shape == OPEN else TargetKind.FUNCTION
                file, line = symbol.module.location.source, symbol.value.lineno
                return replace(
                    _signature_of(symbol.path, kind, shape),
                    certain=False,
                    file=file,
                    line=line,
                    wraps=self._wrapped(symbol),
                )
            case symbol:
                through_value = isinstance(symbol, OpaqueSymbol) and symbol.through_value
                return TargetSignature(
                    path=symbol.path,
                    kind=TargetKind.UNKNOWN,
                    open=True,
                    certain=False,
                    through_value=through_value,
                )

    def _wrapped(self, symbol: ValueSymbol) -> tuple[str, ...]:
        """What `name = partial(function, …)` calls in the end, however often that is wrapped."""
        found: list[str] = []
        value: Symbol = symbol
        while isinstance(value, ValueSymbol) and len(found) < _MOST_WRAPPED:
            match value.value:
                case ast.Call(func=function, args=[wrapped, *_]) if (
                    self._resolver.imported_path(value.module, value.outer, function) in WRAPPERS
                ):
                    value = wrapped_by(value, wrapped, self._resolver)
                    found.append(value.path)
                case _:
                    break
        return tuple(found)

    def _of_class(self, symbol: ClassSymbol, shape: CallShape) -> TargetSignature:
        line = self._resolver.linearise(symbol)
        texts = class_docstrings(line.classes[:_DOCUMENTED_BASES], self._resolver)
        return replace(
            _signature_of(symbol.path, TargetKind.CLASS, shape),
            parameters=self._parameters(symbol, shape, texts),
            rest_goes_to=shape.rest_goes_to,
            bases=line.paths,
            certain=line.certain,
            returns=class_type(symbol, self._resolver),
            doc=first_paragraph(class_docstring(symbol, self._resolver)),
            file=symbol.module.location.source,
            line=symbol.node.lineno,
            refusals=refusals_of(symbol, self._resolver),
        )

    def _of_function(self, symbol: FunctionSymbol, shape: CallShape) -> TargetSignature:
        text = docstring(symbol.node)
        return replace(
            _signature_of(symbol.path, TargetKind.FUNCTION, shape),
            parameters=self._parameters(symbol, shape, [text]),
            rest_goes_to=shape.rest_goes_to,
            returns=self._returns(symbol),
            doc=first_paragraph(text),
            file=symbol.module.location.source,
            line=symbol.node.lineno,
            refusals=refusals_of(symbol, self._resolver),
        )

    def _parameters(
        self, symbol: ClassSymbol | FunctionSymbol, shape: CallShape, texts: Sequence[str]
    ) -> tuple[Parameter, ...]:
        """The parameters of a shape, with their descriptions from docstrings and what the body accepts."""
        descriptions: dict[str, str] = {}
        for text in texts:
            for name, description in parameter_descriptions(text).items():
                descriptions.setdefault(name, description)
        choices, limits = text_choices(symbol, self._resolver), number_limits(symbol, self._resolver)
        return tuple(
            replace(
                parameter,
                description=descriptions.get(parameter.name, ""),
                choices=choices.get(parameter.name, parameter.choices),
                limits=(*parameter.limits, *limits.get(parameter.name, ())),
            )
            for parameter in shape.parameters
        )

    def _returns(self, symbol: FunctionSymbol) -> ValueType:
        if symbol.node.returns is None:
            return ANY
        context = Context(symbol.module, symbol.outer)
        return self._callables.parameters.annotation(symbol.node.returns, context)


def _signature_of(path: str, kind: TargetKind, shape: CallShape) -> TargetSignature:
    """What is known of a target by the shape of its call."""
    return TargetSignature(
        path=path,
        kind=kind,
        parameters=shape.parameters,
        open=shape.open,
        ignores_rest=shape.ignores_rest,
        fixed_positions=shape.fixed_positions,
        rest_by_name=shape.rest_by_name,
    )


def _constant(binding: Binding) -> ClassConstant | None:
    if not isinstance(binding, Assigned) or binding.value is None:
        return None
    try:
        value = ast.literal_eval(binding.value)
        return ClassConstant(json.loads(json.dumps(value)))
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return None
