"""Signatures of targets: the answers of `SignatureReader`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from serotiny.cache.questions import FOR_PEOPLE
from serotiny.targets.value_types.types import ANY

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from serotiny.targets.value_types.limits import Limits
    from serotiny.targets.value_types.types import Json, ValueType


class TargetKind(StrEnum):
    """What a target is."""

    CLASS = "class"
    FUNCTION = "function"
    """A function or method, also one made by `functools.partial`."""
    UNKNOWN = "unknown"
    """It exists, but what it is cannot be read from source (compiled, made at run time)."""


class ParameterKind(StrEnum):
    """How an argument is passed to a parameter; as in `inspect`."""

    POSITIONAL_ONLY = "positional_only"
    POSITIONAL_OR_KEYWORD = "positional_or_keyword"
    VAR_POSITIONAL = "var_positional"
    KEYWORD_ONLY = "keyword_only"
    VAR_KEYWORD = "var_keyword"


@dataclass(frozen=True, slots=True)
class Default:
    """A default: its source text and, where that is a literal, its value as JSON data."""

    text: str
    literal: bool = False
    value: Json = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A condition on arguments under which a call raises an error, and the error's text.

    Both are expressions in the names of the target's parameters, of the part of Python that `conditions` evaluates;
    the text is empty where it cannot be read.

    Attributes:
        test: the condition.
        message: the text.
        changed: the parameters whose lists the code may have changed in place before it tests them.
    """

    test: str
    message: str
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a target, without `self` and `cls`.

    Attributes:
        body: the path of the function or class that takes it and does not enforce its annotation; None where
            the annotation is enforced, or where this is not known.
        choices: the only texts that the body accepts, where it lists them; empty where it does not.
        limits: what the body asks of a number: `ge`, `gt`, `le` or `lt`, each with what it is compared with.
    """

    name: str
    type: ValueType = ANY
    required: bool = False
    default: Default | None = None
    description: str = field(default="", metadata={FOR_PEOPLE: True})
    kind: ParameterKind = ParameterKind.POSITIONAL_OR_KEYWORD
    body: str | None = None
    choices: tuple[str, ...] = ()
    limits: Limits = ()

    @property
    def by_name(self) -> bool:
        """Whether a key of the config can name it."""
        return self.kind in (ParameterKind.POSITIONAL_OR_KEYWORD, ParameterKind.KEYWORD_ONLY)

    @property
    def by_position(self) -> bool:
        """Whether an item of `_args_` can give it."""
        return self.kind in (ParameterKind.POSITIONAL_ONLY, ParameterKind.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True, kw_only=True)
class TargetSignature:
    """What a target accepts.

    Attributes:
        path: the canonical path, where it is defined (`torch.optim.adam.Adam`).
        kind: class, function or unknown.
        parameters: in the order of the source, then those that `**kwargs` hands on.
        open: it takes further keys, or may take them.
        bases: for a class the canonical paths of its method resolution order, itself first.
        certain: `bases` is complete; False when a base could not be read.
        returns: what calling it gives, where that is annotated.
        doc: the first paragraph of the docstring.
        file, line: where it is defined; None when it has no source.
        through_value: it is an attribute of a value, so that it is not known where it is defined.
        others: the canonical paths of further conditional definitions.
        wraps: what a value is a `partial` or a static method of.
        failure: what calling it always raises, whatever it is given; None where it does more than that.
        refusals: the arguments together with which it certainly raises.
        rest_goes_to: the path of the function that its `**kwargs` go to, and that refuses any other key.
        ignores_rest: a call takes other keys than those of its parameters, too, which it is not made for.
        fixed_positions: whatever keys it takes, it takes no more items of `_args_` than it has parameters for.
        rest_by_name: what it is annotated that each further key must be: `**parts: Part`.
    """

    path: str
    kind: TargetKind
    parameters: tuple[Parameter, ...] = ()
    open: bool = False
    bases: tuple[str, ...] = ()
    certain: bool = True
    returns: ValueType = ANY
    doc: str = field(default="", metadata={FOR_PEOPLE: True})
    file: str | None = None
    line: int | None = field(default=None, metadata={FOR_PEOPLE: True})
    through_value: bool = False
    others: tuple[str, ...] = ()
    wraps: tuple[str, ...] = ()
    failure: str | None = None
    refusals: tuple[Refusal, ...] = ()
    rest_goes_to: str = ""
    ignores_rest: bool = False
    fixed_positions: bool = False
    rest_by_name: Parameter | None = None

    def taking(self, name: str) -> Parameter | None:
        """The parameter that a key of this name sets, or goes to with others."""
        return self.parameter(name) or self.rest_by_name

    def parameter(self, name: str) -> Parameter | None:
        """The parameter that a key of this name sets."""
        return self._by_key.get(name)

    @cached_property
    def _by_key(self) -> Mapping[str, Parameter]:
        # the first of a name counts
        return {found.name: found for found in reversed(self.parameters) if found.by_name}

    @cached_property
    def positional(self) -> tuple[Parameter, ...]:
        """The parameters that the items of `_args_` give, in order."""
        return tuple(parameter for parameter in self.parameters if parameter.by_position)

    @cached_property
    def rest(self) -> Parameter | None:
        """The parameter of the items behind those in `_args_`: `*args`."""
        kind = ParameterKind.VAR_POSITIONAL
        return next((parameter for parameter in self.parameters if parameter.kind is kind), None)

    def takes(self, names: Collection[object]) -> bool:
        """Whether it can be called with these keys: with all that it requires, and with nothing that it refuses."""
        required = {parameter.name for parameter in self.parameters if parameter.required}
        return required.issubset(names) and (self.open or all(name in self.names for name in names))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The keys that it takes."""
        return tuple(parameter.name for parameter in self.parameters if parameter.by_name)


@dataclass(frozen=True, slots=True)
class CallForm:
    """How code calls what a parameter holds: with so many positional arguments, and these by name."""

    positions: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyNeeds:
    """What a function body needs of one of its parameters, whatever the annotation says.

    Attributes:
        enforced: the annotation itself is checked at run time.
        unused: the body does nothing with the value.
        types: the types of each of which a value must be for the call to work.
        later: as `types`, for methods that use what the constructor stored, which may be replaced by then.
        ready: further types that the body handles, apart from the annotated one.
        decisive: the body compares the value with certain texts, or does not use it at all.
        shown: the body only writes the value into texts.
        attributes: the attributes that the body certainly reads of it, or may read if there are no such, which a
            mapping of OmegaConf's may have too.
    """

    enforced: bool = False
    unused: bool = False
    types: tuple[ValueType, ...] = ()
    later: tuple[ValueType, ...] = ()
    ready: tuple[ValueType, ...] = ()
    decisive: bool = False
    shown: bool = False
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passed:
    """What a constructor passes on: a parameter of its own, unchanged, or else a literal as JSON data."""

    parameter: str | None = None
    value: Json = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class ClassConstant:
    """A literal in the body of a class, as JSON data."""

    value: Json = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class HookFault:
    """A method that Lightning does not call, since its name is not quite that of a hook, or that it cannot call.

    Attributes:
        name, owner, module, line: the method, the path of its class, and where it is defined.
        hook: the hook's name; that of the method where it takes other arguments than it is given.
        given: with how many arguments Lightning calls it at least, if it takes fewer; at most, if it needs more.
        needed: how many it needs, if they are more.
        named: the argument that Lightning gives by a name that it does not take.
    """

    name: str
    owner: str
    module: str
    line: int
    hook: str
    given: int = 0
    needed: int = 0
    named: str | None = None

    @property
    def is_misspelt(self) -> bool:
        """Whether its name is what is wrong with it."""
        return self.name != self.hook


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetNotFound:
    """There is no such target.

    Attributes:
        path: as it was asked for.
        found: the longest part of it that exists, or "".
        missing: the name that is not there.
        candidates: the names that are there instead.
        installed: the package was found, the part of a namespace package, or that from which a module takes the name;
            where it was not, it is what is missing.
    """

    path: str
    found: str
    missing: str
    candidates: tuple[str, ...] = ()
    installed: bool = True

    @property
    def is_taken_from_package(self) -> bool:
        """Whether a module that is there takes it from the package that is missing."""
        return not self.installed and not f"{self.path}.".startswith(f"{self.missing}.")

    def headline(self) -> str:
        """What is not there, in a few words."""
        if self.is_taken_from_package:
            return f"{self.path} needs the package `{self.missing}`, which is not installed"
        if not self.installed:
            return f"the package `{self.missing}` is not installed"
        if not self.path:
            return "the path is empty"
        if not self.missing:
            return f"`{self.path}` is a module, not something to call"
        return f"`{self.found}` has no `{self.missing}`" if self.found else f"there is no `{self.path}`"

    def held(self) -> str | None:
        """Some of what is there instead, as help."""
        public = [name for name in self.candidates if not name.startswith("_")]
        return f"it holds {', '.join(f'`{name}`' for name in public[:8])}" if public else None


@dataclass(frozen=True, slots=True)
class Member:
    """A public class or function of a module, and the path by which a config names it."""

    name: str
    path: str
    kind: TargetKind


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenModule:
    """A module whose source is not valid Python; `line` and `column` count from 1.

    With `absent` the source is valid, and imports a package of that name, which is not installed. With `missing` it
    is valid, and imports or uses that name, in place of which there are `candidates`. With `since` it is valid from that
    Python on, which is newer than the one that runs.
    """

    name: str
    file: str
    line: int
    column: int
    reason: str
    absent: str = ""
    missing: str = ""
    candidates: tuple[str, ...] = ()
    since: tuple[int, int] | None = None
