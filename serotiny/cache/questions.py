"""Note the questions that something depends on, to find out later whether each would be answered alike.

Files are read to answer them. They count as answered (`serotiny.reads.Answering`): an answer that is the same has
changed nothing, whatever else has changed in the files.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Set
from contextvars import ContextVar, Token
from dataclasses import fields, is_dataclass
from functools import cache, wraps
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Concatenate, Final, ParamSpec, Protocol, TypeAlias, TypeVar

from serotiny.reads import CODE, Answering

Question: TypeAlias = tuple[str, str, tuple[Any, ...]]
"""Of whom something is asked, what, and about what, as plain values."""

UNSTORABLE: Final[Question] = ("nobody", "unstorable", ())
"""Stands for the questions about what may be secret, or is no JSON data; what depends on it is not stored."""

FOR_PEOPLE: Final = "for_people"
"""The metadata of a field that is shown to people, and that no verdict depends on."""

_LENGTH: Final = 32


class Askable(Protocol):
    """Something that answers questions, each in the same way as long as it lives.

    Attributes:
        asked_as: the name by which its questions are noted.
        answers: its answers so far, each with the question that is noted for it.
        tells_secrets: whether its questions may hold a secret.
    """

    asked_as: ClassVar[str]
    answers: dict[Question, tuple[Question, Any]]

    @property
    def tells_secrets(self) -> bool: ...


A = TypeVar("A", bound=Askable)
P = ParamSpec("P")
T = TypeVar("T")


class Noting:
    """Within `with Noting() as asked:` the questions that are asked are put into a set; whoever noted before gets them too."""

    def __init__(self) -> None:
        self._asked: set[Question] = set()

    def __enter__(self) -> set[Question]:
        self._token: Token[set[Question] | None] = _noted.set(self._asked)
        return self._asked

    def __exit__(self, *exception: object) -> None:
        _noted.reset(self._token)
        note(self._asked)


_noted: ContextVar[set[Question] | None] = ContextVar("questions", default=None)


def is_noted() -> bool:
    """Whether anyone notes the questions that are asked now."""
    return _noted.get() is not None


def note(questions: Set[Question]) -> None:
    """Say that some questions are asked, or that what depends on them is used again."""
    noted = _noted.get()
    if noted is not None:
        noted |= questions


def question(method: Callable[Concatenate[A, P], T]) -> Callable[Concatenate[A, P], T]:
    """Make a method a question, which is noted, and answered once.

    What it asks others for is not noted, since its answer tells of that.
    """

    @wraps(method)
    def ask(asked: A, /, *args: P.args, **kwargs: P.kwargs) -> T:
        about: Question = (asked.asked_as, method.__name__, (args, tuple(sorted(kwargs.items()))))
        if about not in asked.answers:
            noted = about if _is_storable(about) and not asked.tells_secrets else UNSTORABLE
            token = _noted.set(None)
            try:
                with Answering(CODE):
                    asked.answers[about] = noted, method(asked, *args, **kwargs)
            finally:
                _noted.reset(token)
        noted, answer = asked.answers[about]
        note({noted})
        given: T = answer
        return given

    ask.__dict__[_IS_QUESTION] = True
    return ask


_IS_QUESTION: Final = "is_question"


def _is_storable(value: object) -> bool:
    """Whether a question is the same after it has been JSON data."""
    if isinstance(value, tuple):
        return all(map(_is_storable, value))
    return value is None or isinstance(value, str | int | float)


def is_question(member: object) -> bool:
    """Whether a member of a class is a method that `question` has made one."""
    return getattr(member, _IS_QUESTION, False) is True


def ask_again(asked: Askable, about: Question) -> Any:
    """The answer to a question that was noted.

    Raises:
        ValueError: there is no such question; TypeError and KeyError may be raised too.
    """
    _, name, (args, kwargs) = about
    if not is_question(getattr(type(asked), name, None)):
        raise ValueError(f"{name} is no question")
    return getattr(asked, name)(*args, **dict(kwargs))


def question_from_json(data: Any) -> Question:
    """A question as it was before it became JSON data, which has lists in place of tuples."""
    of_whom, what, about = data
    return str(of_whom), str(what), _hashable(about)


def _hashable(value: Any) -> Any:
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


def digest_of(answer: object, *, in_full: bool = True) -> str:
    """A digest of plain values and what is made of them.

    Args:
        answer: the answer to a question.
        in_full: whether what is only for people counts too.
    """
    text = repr(_plain(answer, in_full))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]


def _plain(value: Any, in_full: bool) -> Any:
    """What has the same `repr` for equal values in each process."""
    match value:
        case None | bool() | int() | float() | str() | bytes():
            return value
        case Path():
            return "path", str(value)
        case list() | tuple():
            return tuple([_plain(item, in_full) for item in value])
        case dict():
            return "dict", tuple(
                [(_plain(key, in_full), _plain(item, in_full)) for key, item in value.items()]
            )
        case set() | frozenset():
            return "set", tuple(sorted(repr(_plain(item, in_full)) for item in value))
        case ast.AST():
            return ast.dump(value, include_attributes=True)
        case _:
            parts = [_plain(getattr(value, name), in_full) for name in _fields(type(value), in_full)]
            return type(value).__name__, *parts


def _fields_of(kind: Any, in_full: bool) -> tuple[str, ...]:
    """The names of the fields of a dataclass, or of another class that can be matched by them."""
    if is_dataclass(kind):
        return tuple(item.name for item in fields(kind) if in_full or FOR_PEOPLE not in item.metadata)
    names = getattr(kind, "__match_args__", None)
    if not isinstance(names, tuple):
        raise TypeError(f"no digest of {kind.__name__}")
    return names


_fields: Final[Callable[[Any, bool], tuple[str, ...]]] = cache(_fields_of)
