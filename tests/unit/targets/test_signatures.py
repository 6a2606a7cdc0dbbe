"""What functions and classes accept, each compared with the object that Python makes of the same source."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from serotiny.targets import ParameterKind, SignatureReader, TargetSignature, accepts
from serotiny.targets.value_types import types as t
from serotiny.targets.value_types.types import ANY, INT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.targets.conftest import ReadSource

CASES = {
    "a function": "def target(a, b=1, *, c, d=2): ...",
    "positional-only parameters": "def target(a, b=1, /, c=2): ...",
    "a function with *args": "def target(a, *rest, b=1): ...",
    "an async function": "async def target(a, b=1): ...",
    "a constructor": "class target:\n    def __init__(self, a, b=1): ...",
    "an inherited constructor": "class Base:\n    def __init__(self, a): ...\nclass target(Base): ...",
    "no constructor": "class target: ...",
    "__new__": "class target:\n    def __new__(cls, a, b=1): ...",
    "a dataclass": """
        from dataclasses import dataclass, field, InitVar
        from typing import ClassVar
        @dataclass
        class Base:
            a: int
            b: "list[int]" = field(default_factory=list)
        @dataclass
        class target(Base):
            kind: ClassVar[str] = "x"
            c: InitVar[int] = 3
            hidden: int = field(init=False, default=0)
            a: str = "moved"
        """,
    "a dataclass with keyword-only fields": """
        from dataclasses import dataclass, field, KW_ONLY
        @dataclass
        class target:
            a: int
            _: KW_ONLY
            b: int = 1
            c: int
        """,
    "a keyword-only dataclass": "import dataclasses\n@dataclasses.dataclass(kw_only=True)\nclass target:\n    a: int = 1\n    b: int",
    "a plain class below a dataclass": """
        from dataclasses import dataclass
        @dataclass
        class Base:
            a: int
        class target(Base):
            b: int = 1
        """,
    "a dataclass with its own constructor": """
        from dataclasses import dataclass
        @dataclass
        class target:
            a: int
            def __init__(self, x): ...
        """,
    "a dataclass without a generated constructor": """
        from dataclasses import dataclass
        @dataclass(init=False)
        class target:
            a: int
        """,
    "attrs define": """
        import attrs
        @attrs.define
        class Base:
            a: int
        @attrs.define
        class target(Base):
            _private: int = 1
            items: list = attrs.Factory(list)
            b: int = attrs.field(default=2, kw_only=True)
            c: int = attrs.field(init=False, default=0)
            e: int = attrs.field(alias="eee", default=1)
        """,
    "attrs with old-style fields": """
        import attr
        @attr.s
        class target:
            a = attr.ib()
            b = attr.ib(default=1)
            c = attr.ib(factory=list)
            d = attr.ib()
            not_a_field: int = 3
            @d.default
            def _d(self): return 1
        """,
    "attrs auto_attribs": "import attr\n@attr.s(auto_attribs=True)\nclass target:\n    a: int\n    b: int = attr.ib(default=1)",
    "a named tuple": "from typing import NamedTuple\nclass target(NamedTuple):\n    a: int\n    b: int = 1",
    "a pydantic model": """
        from pydantic import BaseModel, Field
        class Base(BaseModel):
            a: int
        class target(Base):
            model_config = {"extra": "forbid"}
            b: int = Field(default=1)
            c: list = Field(default_factory=list)
            d: int = Field(..., description="x")
            e: int = Field(alias="eee")
            _hidden: int = 3
        """,
    "a pydantic dataclass": "from pydantic.dataclasses import dataclass\n@dataclass\nclass target:\n    a: int\n    b: int = 1",
    "a class made by a call": "target = type('target', (), {'x': 1})",
    "a class made by a call of a base": "class Base:\n    def __init__(self, a, b=1): ...\ntarget = type('target', (Base,), {})",
    "a dataclass made by a call": "from dataclasses import field, make_dataclass\ntarget = make_dataclass('target', ['a', ('b', int), ('c', int, 1), ('d', int, field(default=2))])",
    "a named tuple made by a call by keywords": "from collections import namedtuple\ntarget = namedtuple(typename='target', field_names='a b')",
    "a static method": "class Base:\n    @staticmethod\n    def make(a, b=1): ...\ntarget = Base.make",
    "a class method": "class Base:\n    @classmethod\n    def make(cls, a, b=1): ...\ntarget = Base.make",
    "an alias": "def function(a): ...\ntarget = function",
    "functools.wraps": """
        import functools
        def trace(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                return function(*args, **kwargs)
            return wrapper
        @trace
        def target(a, b=1): ...
        """,
    "a wrapper that puts defaults in": """
        import functools
        def defaults(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                kwargs = dict(kwargs, b=kwargs.get("b", 2))
                kwargs.update(b=3)
                return function(*args, **kwargs)
            return wrapper
        @defaults
        def target(a, b=1): ...
        """,
    "a decorator with arguments": """
        from functools import wraps
        def retry(times):
            def decorate(function):
                @wraps(function)
                def wrapper(*args, **kwargs):
                    return function(*args, **kwargs)
                return wrapper
            return decorate
        @retry(times=3)
        def target(a, b=1): ...
        """,
    "a decorator that gives back what it got": "def register(x):\n    return x\n@register\nclass target:\n    def __init__(self, a): ...",
    "a cached function": "import functools\n@functools.lru_cache(maxsize=None)\ndef target(a, b=1): ...",
    "a context manager": "from contextlib import contextmanager\n@contextmanager\ndef target(a, b=1):\n    yield",
    "an abstract base": "import abc\nclass Base(abc.ABC):\n    @abc.abstractmethod\n    def __init__(self, a): ...\nclass target(Base):\n    def __init__(self, b): ...",
    "a generic class": "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass Base(Generic[T]):\n    def __init__(self, a: T): ...\nclass target(Base[int]): ...",
    "a diamond": """
        class Root:
            def __init__(self, root): ...
        class Undelivered(Root): ...
        class Right(Root):
            def __init__(self, right): ...
        class target(Undelivered, Right): ...
        """,
    "a named tuple of a text": "from collections import namedtuple\ntarget = namedtuple('target', 'a, b c')",
    "a named tuple of a list": "import collections\ntarget = collections.namedtuple('target', ['a', 'b'], defaults=[1])",
    "a named tuple with types": "from typing import NamedTuple\ntarget = NamedTuple('target', [('a', int), ('b', str)])",
    "a lambda": "target = lambda a, b=1, *rest, c: a",
    "a partial of a partial": """
        from functools import partial
        def f(a, b, c=1): ...
        target = partial(partial(f, 1), 2)
        """,
    "a metaclass that only counts": """
        class Meta(type):
            def __call__(cls, *args, **kwargs):
                return super().__call__(*args, **kwargs)
        class target(metaclass=Meta):
            def __init__(self, a): ...
        """,
}


@pytest.fixture
def module_of(tmp_path: Path) -> Iterator[Any]:
    """Import the source that was also read; the one place where it runs."""

    def load(name: str) -> Any:
        spec = importlib.util.spec_from_file_location(name, tmp_path / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module

    yield load
    sys.modules.pop("study_of_signatures", None)


@pytest.mark.parametrize("name", CASES)
def test_static_signature_agrees_with_the_real_one(name: str, tmp_path: Path, module_of: Any) -> None:
    """Names, order, kinds and what is required are those of `inspect.signature`."""
    (tmp_path / "study_of_signatures.py").write_text(textwrap.dedent(CASES[name]))
    static = SignatureReader([tmp_path]).read("study_of_signatures.target")
    real = module_of("study_of_signatures").target
    if name == "a metaclass that only counts":
        real = real.__init__.__get__(object())  # inspect shows the metaclass' (*args, **kwargs)
    assert isinstance(static, TargetSignature)
    expected = [
        (parameter.name, parameter.kind.name, _is_required(parameter))
        for parameter in inspect.signature(real).parameters.values()
    ]
    assert expected == [(found.name, found.kind.name, found.required) for found in static.parameters]
    assert not static.open


def _is_required(parameter: inspect.Parameter) -> bool:
    return parameter.default is parameter.empty and parameter.kind is not parameter.VAR_POSITIONAL


OPEN = {
    "an unknown decorator": "from not_installed import magic\n@magic\ndef target(a): ...",
    "a decorator that changes the signature": """
        def extend(function):
            def wrapper(extra, *args): return function(*args)
            return wrapper
        @extend
        def target(a): ...
        """,
    "a wrapper with parameters of its own": """
        import functools
        def extend(function):
            @functools.wraps(function)
            def wrapper(*args, verbose=False, **kwargs): return function(*args, **kwargs)
            return wrapper
        @extend
        def target(a): ...
        """,
    "a wrapper that takes keywords out": """
        import functools
        def build(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                kwargs.pop("mode", None)
                return function(*args, **kwargs)
            return wrapper
        @build
        def target(a, seed=0): ...
        """,
    "keys that are taken out by computed names": """
        class Base:
            def __init__(self, a): ...
        class target(Base):
            def __init__(self, **kwargs):
                for name in ('b', 'c'):
                    kwargs.pop(name, None)
                super().__init__(**kwargs)
        """,
    "keys that are deleted by computed names": """
        class Base:
            def __init__(self, a): ...
        class target(Base):
            def __init__(self, **kwargs):
                for name in ('b', 'c'):
                    if name in kwargs:
                        del kwargs[name]
                super().__init__(**kwargs)
        """,
    "keys that are all taken out": """
        class Base:
            def __init__(self, a): ...
        class target(Base):
            def __init__(self, **kwargs):
                kwargs.clear()
                super().__init__(**kwargs)
        """,
    "keys that are left out where they are refused": """
        class Base:
            def __init__(self, a): ...
        class target(Base):
            def __init__(self, **kwargs):
                try:
                    super().__init__(**kwargs)
                except TypeError:
                    super().__init__(a=1)
        """,
    "a base that is not installed": "from not_installed import Base\nclass target(Base): ...",
    "a base that is not installed, before one that is": """
        from not_installed import Base
        class Other:
            def __init__(self, a): ...
        class target(Base, Other): ...
        """,
    "arguments handed on to a base that is not installed, before one that is": """
        from not_installed import Base
        class Other:
            def __init__(self, a): ...
        class target(Base, Other):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
        """,
    "a builtin base": "class target(dict): ...",
    "an exception": "class target(ValueError): ...",
    "an enumeration without members": "import enum\nclass target(enum.Enum): ...",
    "a metaclass that takes keywords out": """
        class Meta(type):
            def __call__(cls, *args, **kwargs):
                kwargs.pop("mode", None)
                return super().__call__(*args, **kwargs)
        class target(metaclass=Meta):
            def __init__(self, a): ...
        """,
    "a wrapper that gives an argument": """
        import functools
        def build(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                return function(*args, b=1, **kwargs)
            return wrapper
        @build
        def target(a, b): ...
        """,
    "a named tuple whose fields are computed": "from collections import namedtuple\nFIELDS = make()\ntarget = namedtuple('target', FIELDS)",
    "a metaclass that puts a keyword in": """
        class Meta(type):
            def __call__(cls, *args, **kwargs):
                kwargs["a"] = 1
                return super().__call__(*args, **kwargs)
        class target(metaclass=Meta):
            def __init__(self, a: str): ...
    """,
    "a metaclass that gives a keyword": """
        class Meta(type):
            def __call__(cls, *args, **kwargs):
                return super().__call__(*args, a=1, **kwargs)
        class target(metaclass=Meta):
            def __init__(self, a: str): ...
    """,
    "a metaclass that replaces what is given": """
        class Meta(type):
            def __call__(cls, *args, **kwargs):
                kwargs = {key.lower(): value for key, value in kwargs.items()}
                return super().__call__(*args, **kwargs)
        class target(metaclass=Meta):
            def __init__(self, a: str): ...
    """,
    "a metaclass that decides": """
        class Meta(type):
            def __call__(cls, anything): ...
        class target(metaclass=Meta): ...
        """,
    "a class decorator that is not understood": "def make(x):\n    return type('T', (x,), {})\n@make\nclass target: ...",
    "a class made by a call with names that are not written out": "target = type('target', (), dict(a=1))",
    "a class made by a call with a constructor": "target = type('target', (), {'__init__': print})",
    "a class made by a call of several bases": "class A: ...\nclass B: ...\ntarget = type('target', (A, B), {})",
    "a dataclass made by a call with a namespace": "from dataclasses import make_dataclass\ntarget = make_dataclass('target', ['a'], namespace={})",
    "a dataclass made by a call with a field that is none of its parameters": "from dataclasses import field, make_dataclass\ntarget = make_dataclass('target', [('a', int, field(init=False))])",
    "a function that calls another by the class of its argument": "from functools import singledispatch\n@singledispatch\ndef target(a): ...\n@target.register\ndef _(a: int, b=1): ...",
    "an instance": "class Base: ...\ntarget = Base()",
    "kwargs that are stored": "class target:\n    def __init__(self, a, **kwargs):\n        self.options = kwargs",
    "kwargs that are stored and handed on to what is open": "class target:\n    def __init__(self, a, **kwargs):\n        self.options = kwargs\n    def make(self, f):\n        return f(**self.options)",
    "kwargs that are stored, handed on and read": "def f(b): ...\nclass target:\n    def __init__(self, a, **kwargs):\n        self.options = kwargs\n    def make(self):\n        return f(**self.options), self.options.get('c')",
    "kwargs that are stored, and read elsewhere": "def f(b): ...\nclass target:\n    def __init__(self, a, **kwargs):\n        self.options = kwargs\n    def make(self):\n        return f(**self.options)\ndef use(it):\n    return it.options",
    "kwargs that are stored twice": "def f(b): ...\nclass target:\n    def __init__(self, a, **kwargs):\n        self.options = kwargs\n    def make(self):\n        self.options = {}\n        return f(**self.options)",
    "kwargs that are stored, and saved": "import pytorch_lightning as pl\ndef f(b): ...\nclass target(pl.LightningModule):\n    def __init__(self, a, **kwargs):\n        self.save_hyperparameters()\n        self.options = kwargs\n    def make(self):\n        return f(**self.options)",
    "kwargs that are looped over": "class target:\n    def __init__(self, **kwargs):\n        for k, v in kwargs.items():\n            setattr(self, k, v)",
    "kwargs that are ignored": "def target(a, **kwargs): ...",
    "kwargs handed to what is not installed": "from not_installed import f\ndef target(**kwargs):\n    return f(**kwargs)",
    "kwargs handed to a parameter": "def target(function, **kwargs):\n    return function(**kwargs)",
    "kwargs of which some are read": "def target(**kwargs):\n    return kwargs.get('a', 1)",
    "a recursive function": "def target(**kwargs):\n    return target(**kwargs)",
    "a pydantic model that allows more": "from pydantic import BaseModel\nclass target(BaseModel, extra='allow'):\n    a: int = 1",
}


@pytest.mark.parametrize("name", OPEN)
def test_what_cannot_be_told_is_open(name: str, read: ReadSource) -> None:
    """A signature that the source does not settle accepts any key, and requires nothing doubtful."""
    found = read("study.target", study=OPEN[name])
    assert found.open


def test_enumeration_takes_the_value_of_a_member(read: ReadSource) -> None:
    """A member is looked up by its value, or by a number that equals it; one that looks itself takes anything."""
    plain = read("study.Level", study="import enum\nclass Level(enum.IntEnum):\n    LOW = 1")
    own = read(
        "other.Level", other="import enum\nclass Level(enum.Enum):\n    A = 1\n    def _missing_(v): ..."
    )
    (value,), (anything,) = plain.parameters, own.parameters

    assert [True, True, True, False, False] == [
        accepts(value.type, given) for given in (1, 1.0, True, 2, "LOW")
    ]
    assert (True, ANY) == (value.required, anything.type)


@pytest.mark.parametrize(
    ("body", "is_taken"),
    [
        ("MIN: str = 'min'\n    MAX: str = 'max'", True),
        ("MIN = 'min'\n    MAX: str = 'max'", True),
        ("mode: str = 'max'", False),
        ("MAX: str = 'max'\n    width: int = 1", False),
        ("MAX: str = 'max'\n    def mode(self): ...", False),
        ("MIN: str = 'min'", False),
        ("pass", False),
    ],
)
def test_class_of_constants_alone_stands_for_each_of_them(
    body: str, is_taken: bool, read: ReadSource
) -> None:
    """Code that writes `Mode.MAX` passes the text; of a class with other members an instance is meant."""
    source = "from dataclasses import dataclass\n@dataclass\nclass Mode:\n    {}\ndef target(mode: Mode): ..."
    (parameter,) = read("study.target", study=source.format(body)).parameters

    assert [is_taken, True] == [
        accepts(parameter.type, given) for given in ("max", {"_target_": "study.Mode"})
    ]


def test_pydantic_field_keeps_its_limits_unless_a_validator_gets_the_value_first(read: ReadSource) -> None:
    """`Field(gt=0)` refuses what is below; what a validator makes of a value is not known."""
    source = """
from pydantic import BaseModel, Field, field_validator
class target(BaseModel):
    a: int = Field(1, gt=0, le=9)
    b: int = Field(1, gt=0, alias="beta")
    @field_validator("b", mode="before")
    def prepare(cls, value): return abs(value)
"""

    assert {"a": (("gt", 0), ("le", 9)), "beta": ()} == {
        found.name: found.limits for found in read("study.target", study=source).parameters
    }


def test_generic_alias_takes_what_its_class_does(read: ReadSource) -> None:
    """`Rows = Table[int]` is called as `Table` is."""
    source = "class Table:\n    def __init__(self, rows): ...\n    def __class_getitem__(cls, item): return cls\nRows = Table[int]"

    assert ("rows",) == read("study.Rows", study=source).names


def test_name_bound_within_a_condition_is_there(read: ReadSource) -> None:
    """`:=` binds a name of the module."""
    source = "def f(a): ...\nif (target := f) is not None: ..."

    assert ("a",) == read("study.target", study=source).names


HANDED_ON = {
    "a parent": ("class Base:\n    def __init__(self, a, b=1): ...\nclass target(Base):\n    def __init__(self, c, **kwargs):\n        super().__init__(**kwargs)", "c a! b"),
    "a parent named by its class": ("class Base:\n    def __init__(self, a, b=1): ...\nclass target(Base):\n    def __init__(self, c, **kwargs):\n        Base.__init__(self, **kwargs)", "c a! b"),
    "a parent with two arguments of super": ("class Base:\n    def __init__(self, a): ...\nclass target(Base):\n    def __init__(self, **kwargs):\n        super(target, self).__init__(**kwargs)", "a!"),
    "a parent that is given some": ("class Base:\n    def __init__(self, a, b, c=1): ...\nclass target(Base):\n    def __init__(self, x, **kwargs):\n        super().__init__(x, c=2, **kwargs)", "x b!"),
    "a grandparent": ("class A:\n    def __init__(self, a): ...\nclass B(A):\n    def __init__(self, b, **kw):\n        super().__init__(**kw)\nclass target(B):\n    def __init__(self, **kw):\n        super().__init__(**kw)", "b! a!"),
    "the next class of a diamond": ("class Root:\n    def __init__(self): ...\nclass Undelivered(Root):\n    def __init__(self, l, **kw):\n        super().__init__(**kw)\nclass Right(Root):\n    def __init__(self, r, **kw):\n        super().__init__(**kw)\nclass target(Undelivered, Right): ...", "l r!"),
    "a function": ("def g(a, b=1): ...\ndef target(*args, **kwargs):\n    return g(*args, **kwargs)", "a! b"),
    "a function given a position": ("def g(a, b=1): ...\ndef target(x, **kwargs):\n    return g(x, **kwargs)", "x b"),
    "a class": ("class G:\n    def __init__(self, a, b=1): ...\ndef target(**kwargs):\n    return G(**kwargs)", "a! b"),
    "a class imported in the body": ("def target(**kwargs):\n    from collections import UserString\n    return UserString(**kwargs)", "seq!"),
    "a method": ("class target:\n    def __init__(self, **kwargs):\n        self.setup(**kwargs)\n    def setup(self, a, b=1): ...", "a! b"),
    "a static method": ("class target:\n    def __init__(self, **kwargs):\n        self.setup(**kwargs)\n    @staticmethod\n    def setup(a, b=1): ...", "a! b"),
    "partial": ("from functools import partial\ndef g(a, b, c=1): ...\ndef target(**kwargs):\n    return partial(g, 1, **kwargs)", "b! c"),
    "the class of a class method": ("class Base:\n    def __init__(self, a, b=1): ...\n    @classmethod\n    def make(cls, path, **kwargs):\n        return cls(**kwargs)\ntarget = Base.make", "path a! b"),
    "one of two": ("def f(a): ...\ndef g(b): ...\ndef target(x, **kwargs):\n    return f(**kwargs) if x else g(**kwargs)", "x a b"),
    "both of two": ("def f(a, b=1): ...\ndef g(a, b, c=1): ...\ndef target(x, **kwargs):\n    return f(**kwargs), g(**kwargs)", "x a! b!"),
    "one of what is closed and one of what is open": ("from missing import g\ndef f(a, b=1): ...\ndef target(x, **kwargs):\n    f(**kwargs)\n    g(**kwargs)", "x a! b"),
    "one that may not be called": ("def f(a): ...\ndef target(x, **kwargs):\n    return x and f(**kwargs)", "x a"),
    "a call for each item": ("def f(a): ...\ndef target(x, **kwargs):\n    return [f(**kwargs) for _ in x]", "x a"),
    "an attribute that a method hands on": ("def f(a, b=1): ...\nclass target:\n    def __init__(self, x, **kwargs):\n        self.options = kwargs\n    def make(self):\n        return f(1, **self.options)", "x b"),
    "an attribute that two methods hand on": ("def f(a): ...\ndef g(b): ...\nclass target:\n    def __init__(self, x, **kwargs):\n        self.options: dict = dict(kwargs)\n    def one(self):\n        return f(**self.options)\n    def two(self):\n        return g(**self.options)", "x a b"),
    "an attribute of a Lightning module": ("import pytorch_lightning as pl, torch\nclass target(pl.LightningModule):\n    def __init__(self, x, **kwargs):\n        super().__init__()\n        self.options = kwargs\n    def configure_optimizers(self):\n        return f(self.parameters(), **self.options)\ndef f(a, lr=1): ...", "x lr"),
    "under a condition": ("def f(a): ...\ndef target(x, **kwargs):\n    if x:\n        f(**kwargs)", "x a"),
    "keys that are taken out": ("class Base:\n    def __init__(self, a): ...\nclass target(Base):\n    def __init__(self, **kwargs):\n        self.b = kwargs.pop('b', 3)\n        super().__init__(**kwargs)", "a! b"),
    "keys that are deleted": ("class Base:\n    def __init__(self, a): ...\nclass target(Base):\n    def __init__(self, **kwargs):\n        if 'b' in kwargs:\n            del kwargs['b']\n        super().__init__(**kwargs)", "a b"),
    "keys that are shown": ("class Base:\n    def __init__(self, a): ...\nclass target(Base):\n    def __init__(self, **kwargs):\n        print(kwargs)\n        super().__init__(**kwargs)", "a!"),
    "keys of which none may be left": ("def target(**kwargs):\n    b = kwargs.pop('b', 3)\n    if kwargs:\n        raise TypeError(kwargs)", "b"),
    "no key that may be left": ("def target(a, **kwargs):\n    assert not kwargs", "a"),
    "a copy": ("def g(a, b=1): ...\ndef target(**kwargs):\n    options = {'b': 2, **kwargs}\n    return g(**options)", "a b"),
    "an updated copy": ("def g(a, b=1): ...\ndef target(**kwargs):\n    kwargs.setdefault('a', 2)\n    return g(**kwargs)", "a b"),
    "object": ("class target:\n    def __init__(self, a, **kwargs):\n        super().__init__(**kwargs)", "a"),
    "a dataclass": ("from dataclasses import dataclass\n@dataclass\nclass G:\n    a: int\n    b: int = 1\ndef target(**kw):\n    return G(**kw)", "a! b"),
    "overloads": ("from typing import overload\n@overload\ndef target(a: int): ...\n@overload\ndef target(a: str, b: int = 1): ...\ndef target(*args, **kwargs): ...", "a! b"),
    "a partial": ("from functools import partial\ndef g(a, b, c=1): ...\ntarget = partial(g, c=3)", "a! b! c"),
    "a partial with a position": ("import functools\ndef g(a, b, c=1): ...\ntarget = functools.partial(g, 1)", "b! c"),
    "a typed dict": (
        "from typing import *\nclass Options(TypedDict, total=False):\n    a: Required[int]\n    b: str\ndef target(x, **kwargs: Unpack[Options]): ...",
        "x a! b",
    ),
    "torch modules": ("import torch\nclass target(torch.nn.Module):\n    def __init__(self, a, **kwargs):\n        super().__init__(**kwargs)", "a"),
    "lightning modules": ("import pytorch_lightning as pl\nclass target(pl.LightningModule):\n    def __init__(self, a, *args, **kwargs):\n        super().__init__(*args, **kwargs)", "a"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("the next class of a diamond", "study.Root.__init__"),
        ("a class", "study.G.__init__"),
        ("keys that are taken out", "study.Base.__init__"),
        ("a typed dict", ""),
        ("one of two", ""),
    ],
)
def test_function_that_refuses_the_rest_is_named(name: str, expected: str, read: ReadSource) -> None:
    """It is the last of those that `**kwargs` are handed on to; nothing is named where there are several."""
    assert expected == read("study.target", study=HANDED_ON[name][0]).rest_goes_to


@pytest.mark.parametrize("name", HANDED_ON)
def test_kwargs_are_followed_to(name: str, read: ReadSource) -> None:
    """Keys that `**kwargs` hands on are parameters; `!` marks what is required besides the written ones."""
    source, expected = HANDED_ON[name]
    found = read("study.target", study=source)
    written = expected.split()[0].rstrip("!")
    shown = [
        ("*" if parameter.kind is ParameterKind.VAR_POSITIONAL else "")
        + parameter.name
        + ("!" if parameter.required and (parameter.name != written or "!" in expected.split()[0]) else "")
        for parameter in found.parameters
    ]
    assert (expected, False) == (" ".join(shown), found.open)


def test_followed_parameter_keeps_its_type_default_and_description(read: ReadSource) -> None:
    """What `**kwargs` hands on is described where it is defined."""
    found = read(
        "study.target",
        study='''
            class Base:
                """A base.

                Args:
                    rate: how fast
                """
                def __init__(self, rate: float = 0.5): ...
            class target(Base):
                def __init__(self, **kwargs):
                    super().__init__(**kwargs)
        ''',
    )
    (rate,) = found.parameters
    assert ("float", "0.5", "how fast") == (
        str(rate.type),
        rate.default and rate.default.text,
        rate.description,
    )


@pytest.mark.parametrize(
    "docstring",
    [
        "Does it.\n\nArgs:\n    a: the first\n    b (int): the second",
        "Does it.\n\nParameters\n----------\na : int\n    the first\nb : int, optional\n    the second",
        "Does it.\n\n:param a: the first\n:param int b: the second",
    ],
)
def test_descriptions_come_from_any_docstring_style(read: ReadSource, docstring: str) -> None:
    """Google, NumPy and Sphinx style are told apart."""
    source = f"def target(a, b=1):\n{textwrap.indent(repr(docstring), '    ')}"
    found = read("study.target", study=source)
    assert {"a": "the first", "b": "the second"} == {p.name: p.description for p in found.parameters}
    assert "Does it." == found.doc


def test_default_that_names_a_constant_has_its_value(read: ReadSource) -> None:
    """The text is as written, the value that of the constant."""
    found = read(
        "study.f", study="RATE = 0.1\ndef f(a=RATE, b=(RATE, 2), c=print, d=-1, e=float('inf')): ..."
    )
    defaults = [parameter.default for parameter in found.parameters]
    assert [
        ("RATE", True, 0.1),
        ("(RATE, 2)", True, [0.1, 2]),
        ("print", False, None),
        ("-1", True, -1),
        ("float('inf')", False, None),
    ] == [(default.text, default.literal, default.value) for default in defaults if default]


def test_method_reached_through_its_class_needs_self(read: ReadSource) -> None:
    """`pkg.Class.method` is the plain function, whose first argument is the instance."""
    assert ("self", "a") == read("study.C.f", study="class C:\n    def f(self, a): ...").names


def test_inherited_class_method_makes_the_class_that_was_named(read: ReadSource) -> None:
    """`cls` in an inherited constructor is the subclass, and `**kwargs` go to its constructor."""
    found = read(
        "study.Child.make",
        study="""
            class Base:
                @classmethod
                def make(cls, **kwargs):
                    return cls(**kwargs)
            class Child(Base):
                def __init__(self, width): ...
        """,
    )
    assert ("width",) == found.names


def test_function_tells_what_it_returns(read: ReadSource) -> None:
    """The annotation of the result is read, for questions about its kind."""
    found = read("study.f", study="class Net: ...\ndef f() -> Net: ...")
    assert "study.Net" == str(found.returns)


def test_pydantic_model_takes_what_pydantic_makes_into_its_types(read: ReadSource) -> None:
    """A model makes a number of text, so that text is no wrong type for it."""
    found = read(
        "study.M",
        study="from pydantic import BaseModel\nclass M(BaseModel):\n    a: list[int]\n    b: bytes = b''",
    )
    assert [True, True, False] == [
        accepts(found.parameters[0].type, ["1", 2]),
        accepts(found.parameters[1].type, "text"),
        accepts(found.parameters[0].type, 1),
    ]


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        ("pydantic.SerializeAsAny[int]", 1, True),
        ("pydantic.SerializeAsAny[int]", "one", False),
        ("list[pydantic.SerializeAsAny[Shown]]", ["one"], False),
        ("pydantic.SkipValidation[int]", "one", True),
        ("pydantic.Json[list[int]]", "[1]", True),
        ("pydantic.Json", "[1]", True),
        ("Made[int]", "one", True),
        ("Shown[int]", "one", False),
    ],
)
def test_subscript_is_what_the_class_makes_of_it(
    read: ReadSource, annotation: str, value: Any, expected: bool
) -> None:
    """A class that says itself what `Class[X]` is need not mean its instances."""
    source = f"""
        import pydantic
        class Made:
            def __class_getitem__(cls, item): return made(item)
        class Shown:
            def __class_getitem__(cls, item): return cls
        def target(x: {annotation}): ...
    """
    found = read("study.target", study=source)

    assert expected is accepts(found.parameters[0].type, value)


def test_base_that_is_not_installed_hides_nothing_of_those_before_it(read: ReadSource) -> None:
    """Python takes the constructor of the first base that has one, whatever the later ones are."""
    source = """
        from not_installed import Base
        class Other:
            def __init__(self, a): ...
        class target(Other, Base): ...
        """

    found = read("study.target", study=source)

    assert (("a",), False) == (tuple(found.names), found.open)


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        ("omegaconf.ValueNode", "text", True),
        ("omegaconf.ValueNode", None, True),
        ("omegaconf.nodes.AnyNode", 3, True),
        ("omegaconf.IntegerNode", 3, True),
        ("omegaconf.IntegerNode", "three", False),
    ],
)
def test_node_of_omegaconf_is_the_value_in_it(
    read: ReadSource, annotation: str, value: Any, expected: bool
) -> None:
    """Code that is annotated with a node gets the plain value from Hydra."""
    found = read("study.target", study=f"import omegaconf\ndef target(x: {annotation}): ...")

    assert expected is accepts(found.parameters[0].type, value)


def test_nested_class_is_named_with_the_class_around_it(read: ReadSource) -> None:
    """In an annotation within that class too, where it is written without it."""
    source = """
        class Net:
            class HParams: ...
            def __init__(self, short: HParams, long: "Net.HParams"): ...
    """
    found = read("study.Net", study=source)
    assert ["study.Net.HParams"] * 2 == [getattr(item.type, "path", None) for item in found.parameters]


def test_expression_that_is_nested_too_deep_is_open(read: ReadSource) -> None:
    """Generated source that no recursive reading gets through is no fault of the config."""
    found = read("study.f", study=f"def f(a=({'-' * 3000}1)): ...")
    assert found.open


def test_annotation_without_end_is_not_read_to_its_end(read: ReadSource) -> None:
    """Aliases of aliases that come to billions of types, and a literal of thousands of values, which is anything."""
    aliases = "".join(f"A{level} = Tuple[{', '.join([f'A{level - 1}'] * 20)}]\n" for level in range(1, 9))
    values = ", ".join(map(str, range(20_000)))
    source = f"from typing import Literal, Tuple\nA0 = int\n{aliases}def f(a: A8, b: Literal[{values}], c: int): ...\n"

    found = read("pkg.f", pkg=source).parameters

    assert len(str(found[0].type)) < 1_000_000
    assert (ANY, INT) == (found[1].type, found[2].type)


def test_module_of_a_package_is_found_although_a_star_may_bring_its_name(tmp_path: Path) -> None:
    """A package takes all that its modules hold, and one of them all of what is not installed."""
    package = tmp_path / "study"
    package.mkdir()
    (package / "__init__.py").write_text("from .rows import *\nfrom .maps import *\n")
    (package / "rows.py").write_text("class Rows:\n    def __init__(self, width: int): ...\n")
    (package / "maps.py").write_text("from not_installed_anywhere import *\nclass Maps: ...\n")

    signature = SignatureReader([tmp_path]).read("study.rows.Rows")

    assert isinstance(signature, TargetSignature)
    assert not signature.open
    assert signature.parameter("width") is not None


@pytest.mark.parametrize(
    ("made", "names", "values"),
    [
        ("Enum('Colour', 'RED BLUE')", ("RED", "BLUE"), (1, 2)),
        ("Enum('Colour', ['RED', 'BLUE'])", ("RED", "BLUE"), (1, 2)),
        ("Enum('Colour', {'RED': 'r', 'BLUE': 'b'})", ("RED", "BLUE"), ("r", "b")),
        ("Enum('Colour', [('RED', 'r'), ('BLUE', 'b')])", ("RED", "BLUE"), ("r", "b")),
        ("IntEnum('Colour', 'RED, BLUE', start=5)", ("RED", "BLUE"), (5, 6)),
        ("StrEnum('Colour', 'RED BLUE')", ("RED", "BLUE"), ("red", "blue")),
    ],
)
def test_enumeration_made_by_a_call_has_the_members_that_are_written_out(
    made: str, names: tuple[str, ...], values: tuple[t.Scalar, ...], read: ReadSource
) -> None:
    """They are those that Python makes of it, for a call and for a parameter."""
    source = f"from enum import Enum, IntEnum, StrEnum\nColour = {made}\ndef target(x: Colour): ..."
    namespace: dict[str, Any] = {}
    exec(source, namespace)

    assert dict(zip(names, values, strict=True)) == {
        name: member.value for name, member in namespace["Colour"].__members__.items()
    }
    (parameter,) = read("study.target", study=source).parameters
    assert t.EnumType("study.Colour", names, values) == parameter.type


def test_members_of_a_literal_are_the_only_ones(read: ReadSource) -> None:
    """A `Literal` with some members of an enumeration takes these, by name or value."""
    source = """
from enum import Enum
from typing import Literal
class Colour(Enum):
    RED = "r"
    BLUE = "b"
    GREEN = "g"
def target(x: Literal[Colour.RED, Colour.BLUE, "none"]): ...
"""
    (parameter,) = read("study.target", study=source).parameters

    assert [True, True, True, False, False, True] == [
        accepts(parameter.type, value) for value in ("RED", "r", "BLUE", "GREEN", "g", "none")
    ]


def test_argument_that_a_wrapper_gives_itself_need_not_be_given(read: ReadSource) -> None:
    """By position or by name."""
    source = """
import functools
def given(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(1, *args, **kwargs)
    return wrapper
@given
def target(n, x): ...
"""
    assert {"n": False, "x": False} == {
        item.name: item.required for item in read("study.target", study=source).parameters
    }


def test_keys_that_a_typed_dict_does_not_list_are_taken(read: ReadSource) -> None:
    """By the call of one, which looks at no key, and by a function that unpacks one, which needs those it lists."""
    source = """
from typing import NotRequired, TypedDict, Unpack
class Options(TypedDict):
    a: int
    b: NotRequired[str]
def target(**options: Unpack[Options]): ...
"""
    found = [read(f"study.{name}", study=source) for name in ("Options", "target")]

    assert [True, True] == [signature.ignores_rest for signature in found]
    assert [[False, False], [True, False]] == [
        [item.required for item in signature.parameters] for signature in found
    ]
