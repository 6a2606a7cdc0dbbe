"""What constructors refuse by conditions on their arguments, compared with what they do."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import pytest
import torch

from serotiny.compiler.validation.judge import TargetJudge
from serotiny.ml_ops.instantiation import InstantiationError, instantiate
from serotiny.targets import SignatureReader, TargetSignature
from serotiny.targets.policy.trust import Trust
from serotiny.targets.value_types.conditions import (
    Missing,
    PlainList,
    UnknownValueError,
    evaluate,
    names_in,
    packages_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.targets.conftest import ReadSource, WriteTree

OF_TORCH = [
    ("torch.optim.Adam", {"betas": [0.9, 1.5]}, {"betas": [0.9, 0.99]}),
    ("torch.optim.Adam", {"betas": [0, 0.9]}, {"betas": [0.0, 0.9]}),
    ("torch.optim.Adam", {"foreach": True, "fused": True}, {"foreach": True}),
    ("torch.optim.SGD", {"lr": 0.1, "nesterov": True}, {"lr": 0.1, "nesterov": True, "momentum": 0.9}),
    ("torch.optim.Rprop", {"etas": [1.5, 1.2]}, {"etas": [0.5, 1.2]}),
    ("torch.nn.GroupNorm", {"num_groups": 3, "num_channels": 4}, {"num_groups": 2, "num_channels": 4}),
    (
        "torch.nn.Embedding",
        {"num_embeddings": 3, "embedding_dim": 4, "padding_idx": 7},
        {"num_embeddings": 3, "embedding_dim": 4, "padding_idx": 2},
    ),
    (
        "torch.nn.Conv2d",
        {"in_channels": 3, "out_channels": 4, "kernel_size": 3, "groups": 2},
        {"in_channels": 4, "out_channels": 4, "kernel_size": 3, "groups": 2},
    ),
    (
        "torch.nn.LSTM",
        {"input_size": 2, "hidden_size": 2, "proj_size": 2},
        {"input_size": 2, "hidden_size": 2},
    ),
    (
        "pytorch_lightning.callbacks.ModelCheckpoint",
        {"save_top_k": 3},
        {"save_top_k": 3, "monitor": "val_loss"},
    ),
    ("torch.nn.Linear", {"in_features": 2, "out_features": -1}, {"in_features": 2, "out_features": 1}),
    (
        "torch.nn.Conv2d",
        {"in_channels": 1, "out_channels": -1, "kernel_size": 3},
        {"in_channels": 1, "out_channels": 1, "kernel_size": 3},
    ),
    (
        "serotiny.models.TabularVAE",
        {"x_dim": 3, "latent_dim": 2, "x_label": "x", "hidden_layers": [4, 0]},
        {"x_dim": 3, "latent_dim": 2, "x_label": "x", "hidden_layers": [4]},
    ),
    (
        "serotiny.models.ImageVAE",
        {"image_size": [8, 8], "latent_dim": 2, "x_label": "x", "channels": [4, -1]},
        {"image_size": [8, 8], "latent_dim": 2, "x_label": "x", "channels": [4, 1]},
    ),
    (
        "torchmetrics.AUROC",
        {"task": "binary", "thresholds": PlainList([0.5, 1])},
        {"task": "binary", "thresholds": PlainList([0.5, 1.0])},
    ),
    (
        "torchmetrics.FBetaScore",
        {"task": "binary", "beta": 1},
        {"task": "binary", "beta": 1.0},
    ),
    (
        "torchmetrics.Accuracy",
        {"task": "multiclass"},
        {"task": "multiclass", "num_classes": 3},
    ),
    (
        "torchmetrics.AUROC",
        {"task": "multilabel", "num_labels": 3, "thresholds": 1},
        {"task": "multilabel", "num_labels": 3, "thresholds": 2},
    ),
    (
        "torchmetrics.FBetaScore",
        {"task": "multiclass", "num_classes": 3, "average": "some"},
        {"task": "multiclass", "num_classes": 3, "average": "macro"},
    ),
    ("torchmetrics.Accuracy", {"task": "binary", "threshold": 2.0}, {"task": "binary", "threshold": 0.2}),
    ("pytorch_lightning.callbacks.ModelCheckpoint", {"save_top_k": -2}, {"save_top_k": -1}),
    ("pytorch_lightning.callbacks.StochasticWeightAveraging", {"swa_lrs": 1}, {"swa_lrs": 1.0}),
]


@pytest.fixture(scope="module")
def reader() -> SignatureReader:
    return SignatureReader()


def is_refused(signature: TargetSignature, arguments: dict[str, Any]) -> bool:
    """Whether a condition holds for what is given, and the defaults of the rest."""
    defaults = {
        item.name: item.default.value
        for item in signature.parameters
        if item.default and item.default.literal
    }
    values = {**defaults, **arguments}

    def holds(test: str) -> bool:
        try:
            return bool(evaluate(test, {name: values[name] for name in names_in(test) if name in values}))
        except UnknownValueError:
            return False

    return any(holds(refusal.test) for refusal in signature.refusals)


def is_raised(target: str, arguments: dict[str, Any], judge: TargetJudge) -> bool:
    """Whether the code itself refuses the arguments."""
    node: dict[str, Any] = {"_target_": target, **arguments}
    try:
        if target.startswith("torch.optim."):
            instantiate({**node, "_partial_": True}, "model", judge)([torch.nn.Parameter(torch.zeros(2))])
        else:
            instantiate(node, "model", judge)
    except (InstantiationError, ValueError, RuntimeError):
        return True
    return False


@pytest.mark.parametrize(
    ("target", "refused", "taken"), OF_TORCH, ids=lambda value: str(value).rpartition(".")[2]
)
def test_what_is_called_refused_is_refused_by_the_code(
    target: str, refused: dict[str, Any], taken: dict[str, Any], reader: SignatureReader
) -> None:
    """The library raises for the one, as the static reading says, and makes an object of the other."""
    signature = reader.read(target)
    judge = TargetJudge(reader, Trust())
    assert isinstance(signature, TargetSignature)

    assert (True, False) == (is_refused(signature, refused), is_refused(signature, taken))
    assert (True, False) == (is_raised(target, refused, judge), is_raised(target, taken, judge))


READ = {
    "two together": ("if x and y > 1: raise ValueError('no')", "x and y > 1"),
    "an element": ("if x[0] < 0: raise ValueError", "x[0] < 0"),
    "of a branch": ("if x is None:\n        if y < 1: raise ValueError", "x is None and y < 1"),
    "of the other branch": ("if x: pass\n    elif y: raise ValueError", "not x and y"),
    "an assertion": ("assert x < y", "not x < y"),
    "a local name": ("small = x < 1\n    if small and y: raise ValueError", "x < 1 and y"),
    "one of two": ("if x > y or odd(x): raise ValueError", "x > y"),
    "divisors": ("if x % 3: raise ValueError", "x % 3"),
    "division by zero": ("z = x / y", "y == 0 and isinstance(x, (Real,))"),
    "behind a return": ("if y: return\n    if x < z: raise ValueError", "not y and x < z"),
    "behind several": (
        "if x == 'a': return\n    elif x == 'b': return 1\n    raise ValueError(x)",
        "not x == 'a' and (not x == 'b')",
    ),
    "set in a branch": (
        "if y: z = x\n    if z < y: raise ValueError",
        "(x if y else z) < y",
    ),
    "chosen": ("n = x if y else z\n    if n < y: raise ValueError", "(x if y else z) < y"),
    "of a part": ("part = Part(x, y=z)", "x - z > 9"),
    "of a part that is handed on": ("run(size=Part(x, z))", "x - z > 9"),
    "what a function makes": ("n = made(x)", "not x == 'a'"),
    "of a part that is kept": ("n = Kept(x, y)\n    return n", "not x - y - y == x"),
    "lengths": ("if len(x) != y: raise ValueError", "len(x) != y"),
    "handed on": ("asked(y, x)", "y + x > 9"),
    "one of a list": ("if any(n < y for n in x): raise ValueError", "any((_item < y for _item in x))"),
    "all of several lists": (
        "rows = list(x)\n    if not all(n for n in (*rows, y)): raise ValueError",
        "not all((_item for _item in (*list(x), y)))",
    ),
}
LEFT_OPEN = {
    "what else must hold": "if x > y and odd(x): raise ValueError",
    "set anew": "x = abs(x)\n    if x < y: raise ValueError",
    "set in a branch that is not known": "if odd(x): z = x\n    if z < y: raise ValueError",
    "it may return before": "if odd(x): return\n    if x < y: raise ValueError",
    "it may return inside": "if y:\n        if odd(x): return\n    if x < z: raise ValueError",
    "a part that need not be made": "part = y and Part(x, z)",
    "a part that another class makes": "part = Other(x, z)",
    "a part whose name is another here": "Part = z\n    part = Part(x, y)",
    "a generator": "for n in later(x, y): pass",
    "suppressed": "with suppress(ValueError):\n        if x < y: raise ValueError",
    "an attribute that a method sets": "part = Moving(x, y)",
    "an attribute that is a property": "part = Guarded(x, y)",
    "no numbers": "n = x / 2 + z[0] / odd(y)",
    "in a loop": "for z in x:\n        if z < y: raise ValueError",
    "caught": "try:\n        if x < y: raise ValueError\n    except ValueError: pass",
    "changed in place": "rows = list(x)\n    rows.append(1)\n    if any(n < y for n in rows): raise ValueError",
    "written out and filled": "rows = []\n    for n in z: rows.append(n)\n    if len(rows) != 2: raise ValueError",
    "filled by another name": "rows = other = []\n    all = rows\n    all.append(x)\n    if not rows: raise ValueError",
    "filled by a function": "rows = [1]\n    nowhere.fill(rows)\n    if len(rows) != 2: raise ValueError",
    "filtered": "if any(n < y for n in x if n): raise ValueError",
    "of something else": "if z.a < y: raise ValueError",
}
_SOURCE = """
import nowhere
from contextlib import suppress
def odd(n): return later(n)
def run(size): pass
def asked(n, m):
    if n + m > 9: raise ValueError
def made(n):
    if n == "a": return 1
    raise ValueError(n)
def later(n, m=0):
    if n < m: raise ValueError
    yield n
class Part:
    def __init__(self, n, y=0):
        if n - y > 9: raise ValueError
class Other(nowhere.Base):
    def __init__(self, n, y=0):
        if n - y > 9: raise ValueError
class Kept:
    def __init__(self, n, m):
        self.m: int = m
        self.each = n - self.m
        assert self.each - self.m == n
class Moving:
    def __init__(self, n, m):
        self.n = n - 1
        self.move()
        if self.n < m: raise ValueError
    def move(self): self.n = 9
class Guarded:
    def __init__(self, n, m):
        self.n = n - 1
        if self.n < m: raise ValueError
    @property
    def n(self): return 9
    @n.setter
    def n(self, value): pass
def f(x=0, y=0, z=None):
    {}
"""


@pytest.mark.parametrize(("body", "test"), READ.values(), ids=READ)
def test_conditions_are_read_in_terms_of_the_parameters(body: str, test: str, read: ReadSource) -> None:
    """The condition under which a body raises is that of its source, followed through names and calls."""
    assert [test] == [refusal.test for refusal in read("study.f", study=_SOURCE.format(body)).refusals]


@pytest.mark.parametrize("body", LEFT_OPEN.values(), ids=LEFT_OPEN)
def test_what_is_not_certain_refuses_nothing(body: str, read: ReadSource) -> None:
    """A condition of which a part cannot be told, or that need not be reached, says nothing of a config."""
    assert () == read("study.f", study=_SOURCE.format(body)).refusals


@pytest.mark.parametrize(
    ("test", "values", "expected"),
    [
        ("a or b", {"b": 1}, True),
        ("a and b", {"b": 1}, None),
        ("b and a", {"b": 0}, False),
        ("a < b", {"a": "x", "b": 1}, None),
        ("a % b", {"a": 4, "b": 0}, None),
        ("a % b", {"a": "%s", "b": 1}, None),
        ("a[3] > 0", {"a": [1]}, None),
        ("isinstance(a, (float,))", {"a": 1}, False),
        ("isinstance(a, (int,))", {"a": True}, True),
        ("isinstance(a, (bytes, str))", {"a": "x"}, True),
        ("isinstance(a, (Path,))", {"a": "x"}, None),
        ("isinstance(a, (str,))", {"a": ["x"]}, None),
        ("isinstance(a, (Tensor,))", {"a": 0.5}, False),
        ("isinstance(a, (list,))", {"a": PlainList([1])}, True),
        ("isinstance(a, (Tensor, int))", {"a": PlainList([1])}, False),
        ("any((_item < 1 for _item in a))", {"a": [2, 0]}, True),
        ("any((_item < 1 for _item in (*a, b)))", {"a": [2], "b": 0}, True),
        ("any((_item < 1 for _item in a))", {"a": []}, False),
        ("any((_item < 1 for _item in a))", {"a": [2, "x"]}, None),
        ("any((_item < 1 for _item in a))", {"a": 2}, None),
        ("all((isinstance(_item, (float,)) for _item in a))", {"a": [0.5, 1]}, False),
    ],
)
def test_unknown_value_decides_nothing(test: str, values: dict[str, Any], expected: bool | None) -> None:
    """What is not known, or would raise an error of its own, gives no verdict."""
    try:
        found: bool | None = bool(evaluate(test, values))
    except UnknownValueError:
        found = None

    assert expected is found


ABSENT = [
    (
        'K = RequirementCache("not-there>=1.2")',
        "if not K:\n raise ImportError",
        (Missing("not-there>=1.2", True),),
    ),
    (
        'K = RequirementCache("a", module="not_there.b")',
        "if not K:\n raise ImportError",
        (Missing("a", True),),
    ),
    ('K = RequirementCache("scikit-fuzzy", "numpy")', "if not K:\n raise ImportError", ()),
    (
        'K = find_spec("not_there") is not None',
        "if not K:\n raise ImportError",
        (Missing("not_there", False),),
    ),
    ('K = find_spec("numpy") is not None', "if not K:\n raise ImportError", ()),
    (
        'K = package_available("not_there")',
        "if x and not K:\n raise ImportError",
        (Missing("not_there", False),),
    ),
    (
        "try:\n import not_there\n K = True\nexcept ImportError:\n K = False",
        "assert K",
        (Missing("not_there", False),),
    ),
    (
        "try:\n import not_there as K\nexcept ImportError:\n K = None",
        "assert K is not None",
        (Missing("not_there", False),),
    ),
    ("try:\n import numpy as K\nexcept ImportError:\n K = None", "assert K is not None", ()),
    ("", "from not_there.parts import a", (Missing("not_there", False),)),
    ("import sys\nsys.path.append('lib')", "import not_there", ()),
    ("", "try:\n import not_there\nexcept ImportError:\n pass", ()),
    ('K = RequirementCache("not_there")', "K = x\nif not K:\n raise ImportError", ()),
]


@pytest.mark.parametrize(("module", "body", "expected"), ABSENT)
def test_package_that_a_constructor_needs_is_told(
    module: str, body: str, expected: tuple[Missing, ...], read: ReadSource
) -> None:
    """A package whose absence makes a body raise is told; one that is there, or may be found elsewhere, is not."""
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    source = f"{module}\nclass T:\n    def __init__(self, x=1):\n{lines}\n"
    signature = read("study.T", study=source)
    told = tuple(package for refusal in signature.refusals for package in packages_in(refusal.test))
    assert expected == told


def test_a_constructor_that_many_classes_inherit_is_seldom_walked(
    write_tree: WriteTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For each further class that inherits it, a constructor is gone through three times, not once for each fact."""
    body = "".join(
        f"    if a > {number}:\n      a = {number}\n    self.x{number} = a\n" for number in range(100)
    )
    source = f"class Base:\n  def __init__(self, a: int = 0, **rest):\n{body}"
    source += "".join(f"class C{number}(Base):\n  pass\n" for number in range(11))
    reader = SignatureReader([write_tree(pkg__parts=source)])
    reader.read("pkg.parts.C0")
    walk, walked = ast.walk, 0

    def counted(node: ast.AST) -> Iterator[ast.AST]:
        nonlocal walked
        for inner in walk(node):
            walked += 1
            yield inner

    monkeypatch.setattr(ast, "walk", counted)
    for number in range(1, 11):
        reader.read(f"pkg.parts.C{number}")
    size = sum(1 for _ in walk(ast.parse(source).body[0]))
    assert walked < 4 * 10 * size


_KINDS = """
import enum
class Kind(enum.Enum):
    ONE = "one"
    TWO = "two"
    @classmethod
    def from_str(cls, text): return cls(text.lower())
class One:
    def __init__(self, x=1, y=2, **kwargs):
        if x > 3: raise ValueError("too much")
class Two:
    def __init__(self, x=1.0):
        if not isinstance(x, float): raise ValueError(f"no {x}")
class target:
    def __new__(cls, kind, x=1, z=None, **kwargs):
        kind = Kind.from_str(kind)
        kwargs.update({"y": z})
        if kind == Kind.ONE:
            return One(x, **kwargs)
        if kind == Kind.TWO:
            if z is None:
                raise ValueError("no z")
            return Two(x)
        raise ValueError("none")
"""


def test_class_that_makes_others_refuses_what_they_do(read: ReadSource) -> None:
    """Each for the text that names it, and nothing for texts that are spelled in another way."""
    found = {item.test: item.message for item in read("study.target", study=_KINDS).refusals}

    assert {
        "(x > 3) and kind == 'one'": "'too much'",
        "(z is None) and kind == 'two'": "'no z'",
        "(not isinstance(x, (float,))) and kind == 'two'": "f'no {x}'",
    } == found


BASE = """
import functools
from elsewhere import dressed
def quiet(*given): ...
def other(function):
    @functools.wraps(function)
    def within(self, m, k):
        return function(self, min(m, k), k)
    return within
class Base:
    def __init__(self, m=1, k=2):
        self.judge(m, k)
    def judge(self, m, k):
        if m > k: raise ValueError
"""
HANDED_ON = {
    "class f(Base):\n    def __init__(self, **rest): super().__init__(**rest)": True,
    "class f(Base):\n    def __init__(self, **rest): self.rest = rest": False,
    "class f(Base):\n    def __init__(self, **rest): super().__init__(1, 2)": False,
    "class f(Base):\n    def __init__(self, **rest):\n        rest['m'] = 0\n        super().__init__(**rest)": False,
    "class f(Base):\n    def __init__(self, **rest):\n        rest.pop('m')\n        super().__init__(**rest)": False,
    "class f(Base):\n    def __init__(self, x=0, **rest):\n        if x: super().__init__(**rest)": False,
    "class f(Base):\n    __init__ = quiet": False,
    "class f(Base):\n    judge = quiet": False,
    "class f(Base):\n    if quiet():\n        def judge(self, m, k): ...\n"
    "    else:\n        def judge(self, m, k): ...": False,
    "class f(Base):\n    def __init__(self, m, k):\n        self.judge = quiet\n        self.judge(m, k)": False,
    "class f:\n    @other\n    def __init__(self, m, k):\n        if m > k: raise ValueError": False,
    "@dressed\ndef f(m, k):\n    if m > k: raise ValueError": False,
    "def f(m, k):\n    if m > k: raise ValueError\n    yield m": False,
    "async def f(m, k):\n    if m > k: raise ValueError": False,
    "if quiet():\n    def judge(m, k): ...\nelse:\n    def judge(m, k):\n        if m > k: raise ValueError\n"
    "def f(m, k): judge(m, k)": False,
    "if quiet():\n    class Part: ...\nelse:\n    class Part(Base): ...\ndef f(m, k): Part(m, k)": False,
}


@pytest.mark.parametrize("source", HANDED_ON)
def test_body_that_a_call_may_not_run_refuses_nothing(source: str, read: ReadSource) -> None:
    """A constructor counts that certainly gets the keys as they are, a method that nothing replaces, a function that runs."""
    found = read("study.f", study=f"{BASE}\n{source}\n").refusals

    assert HANDED_ON[source] is bool(found)


@pytest.mark.parametrize(
    "change",
    [
        "pass",
        "x.append(1)",
        "self.x.append(1)",
        "self.x += [1]",
        "x += [1]",
        "y = x; y.append(1)",
        "x[1:] = [2, 3]",
        "x.sort()",
        "if x: self.x.append(1)",
        "for _ in x: self.x.append(1); break",
        "import json as x; self.x = x",
        "match 3:\n            case x: self.x = x",
    ],
)
def test_list_that_a_body_changes_is_no_longer_what_it_was_given(change: str, read: ReadSource) -> None:
    """A condition behind the change says nothing of the value in the config, by whatever name it reads it."""
    body = f"        {change}\n        if len(self.x) == 1 or x[0] > self.x[1]: raise ValueError"
    source = f"class f:\n    def __init__(self, x):\n        self.x = x\n{body}\n"

    assert (change == "pass") is bool(read("study.f", study=source).refusals)


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("x != [1, 2]", False),
        ("x != (1, 2)", False),
        ("tuple(x) != (1, 2)", False),
        ("x not in ([1, 2], [3])", False),
        ("x not in ([1, 3], [3])", True),
        ("x != [1, 3]", True),
        ("len(x) != len([1, 2, 3])", True),
    ],
)
def test_list_is_unlike_another_of_other_contents_alone(test: str, expected: bool, read: ReadSource) -> None:
    """A list of a config may be a list or a tuple in a job, so that one of the same contents may be equal or not."""
    (refusal,) = read("study.f", study=f"def f(x, y):\n    if y and {test}: raise ValueError\n").refusals
    values = {"x": [1, 2], "y": 1}

    if expected:
        assert evaluate(refusal.test, values)
    else:
        with pytest.raises(UnknownValueError):
            evaluate(refusal.test, values)
