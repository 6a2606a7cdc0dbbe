"""How sure a fault is that only an annotation tells of."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from serotiny.compiler.project.leniency import Leniency
from serotiny.compiler.validation.annotations import AnnotationJudge
from serotiny.diagnostics import Severity
from serotiny.targets import SignatureReader, TargetSignature, accepts

if TYPE_CHECKING:
    from pathlib import Path

ERROR, WARNING = Severity.ERROR, Severity.WARNING
PRODUCT = {"_target_": "torch.nn.ReLU"}
PARTIAL = {"_target_": "torch.optim.Adam", "_partial_": True}


def severity_of(
    folder: Path, source: str, value: Any, target: str = "m.Target", leniency: Leniency | None = None
) -> Severity | None:
    """What is said of `value` for the parameter `x` of a target; None when nothing is."""
    (folder / "m.py").write_text(textwrap.dedent(source))
    reader = SignatureReader([folder])
    signature = reader.read(target)
    assert isinstance(signature, TargetSignature)
    parameter = signature.parameter("x")
    assert parameter is not None
    if accepts(parameter.type, value):
        return None
    return AnnotationJudge(reader, leniency or Leniency()).severity(signature, parameter, value)


def stored(annotation: str, imports: str = "") -> str:
    """A class that keeps what it is given."""
    return f"{imports}\nclass Target:\n    def __init__(self, x: {annotation}):\n        self.x = x\n"


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        ("str", None, WARNING),
        ("int", None, WARNING),
        ("Part", "None", WARNING),
        ("str", 3, WARNING),
        ("bool", "concat", WARNING),
        ("bool", 1, WARNING),
        ("int", 0.3, WARNING),
        ("int | None", 0.3, WARNING),
        ("bool | None", "no", WARNING),
        ("float", "1e-3", WARNING),
        ("list[int]", 2, WARNING),
        ("tuple[int, int]", [1, 2, 3], WARNING),
        ("int", [1, 2], WARNING),
        ("list[int]", [1, 2.5], WARNING),
        ("dict[str, str]", ["a", "b"], WARNING),
        ("dict[str, dict[str, str]]", {"sep": "|", "rate": 16000, "verbose": True}, WARNING),
        ("dict[str, dict[str, int]]", {"rate": "fast"}, ERROR),
        ("dict[str, dict[str, str]]", "fast", ERROR),
        ("dict | None", "None", WARNING),
        ("list[int] | None", "None", WARNING),
        ("dict | None", "none", ERROR),
        ("dict", "None", ERROR),
        ("Part | None", "None", ERROR),
        ("list[Callable]", {"first": PRODUCT}, WARNING),
        ("Part", [PRODUCT], WARNING),
        ("Part", {"first": PRODUCT, "second": PRODUCT}, WARNING),
        ("Literal['ca', 'fa']", "CA", WARNING),
        ("Literal['ca', 'fa']", 3, ERROR),
        ("int", "two", ERROR),
        ("list[int]", "two", ERROR),
        ("list[int]", [1, "two"], ERROR),
        ("int", {"a": 1}, ERROR),
        ("Part", "relu", ERROR),
        ("Part", 3, ERROR),
        ("Part", {"lr": 0.1}, ERROR),
        ("Callable", {"class_path": "torch.optim.Adam"}, ERROR),
    ],
)
def test_value_of_another_form_is_a_warning_where_nothing_enforces_the_annotation(
    tmp_path: Path, annotation: str, value: Any, expected: Severity
) -> None:
    """Forms that working projects give are warnings; what no code can use stays an error."""
    imports = "from collections.abc import Callable\nfrom typing import Literal\nclass Part: ..."

    assert expected is severity_of(tmp_path, stored(annotation, imports), value)


@pytest.mark.parametrize(
    ("body", "annotation", "value", "expected"),
    [
        ("self.y = {key: make(item) for key, item in x.items()}", "dict[str, Part]", {"a": "one"}, None),
        ("self.y = [make(item) for item in x]", "list[Part]", ["one"], None),
        ("self.y = [make(item) for item in x]", "list[Part]", [{"a": 1}], ERROR),
        ("self.y = [make(y) for item in x]", "list[Part]", ["one"], ERROR),
        ("self.y = [other(item) for item in x]", "list[Part]", ["one"], ERROR),
    ],
)
def test_items_may_be_what_the_body_makes_others_of(
    tmp_path: Path, body: str, annotation: str, value: Any, expected: Severity | None
) -> None:
    """A function that takes a name, and is given each item, says more than the annotation of the items."""
    source = f"""
class Part: ...
def make(name: str) -> Part: ...
def other(part: Part) -> Part: ...
class Target:
    def __init__(self, x: {annotation}, y: str = ""):
        {body}
"""
    assert expected is severity_of(tmp_path, source, value)


@pytest.mark.parametrize(
    ("body", "annotation", "value", "expected"),
    [
        ("self.x = {}", "dict", "xxx", WARNING),
        ("self.save_hyperparameters()", "dict", "xxx", WARNING),
        ("self.x = {}", "int", "two", ERROR),
        ("self.x = {}", "list[int]", [1, "two"], ERROR),
        ("self.x = x", "dict", "xxx", ERROR),
        ("self.__dict__.update(locals())", "dict", "xxx", ERROR),
        ("self.y = self.hparams['x']", "dict", "xxx", ERROR),
        ("raise NotImplementedError", "dict", "xxx", ERROR),
    ],
)
def test_value_that_the_body_does_nothing_with_is_a_warning(
    tmp_path: Path, body: str, annotation: str, value: Any, expected: Severity
) -> None:
    """Such a parameter is left over, and a text for its mapping a mark; what may be read in another way counts as used."""
    source = f"class Target:\n    def __init__(self, x: {annotation}):\n        {body}\n"

    assert expected is severity_of(tmp_path, source, value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"scale": True}, WARNING),
        ({"scale": True, "more": 1}, WARNING),
        ({"scale": True, "crop": 3}, WARNING),
        ({"crop": 3}, ERROR),
    ],
)
def test_mapping_with_the_attributes_that_are_read_is_a_warning(
    tmp_path: Path, value: Any, expected: Severity
) -> None:
    """OmegaConf lets its keys be read like attributes; those that only a condition reads may be missing."""
    source = """
class Steps: ...
class Target:
    def __init__(self, x: Steps, kind: str = "plain"):
        self.x = x
        self.kind = kind
    def run(self):
        if self.x.scale:
            pass
        if self.kind == "image" and self.x.crop:
            pass
"""
    assert expected is severity_of(tmp_path, source, value)


@pytest.mark.parametrize(
    ("body", "annotation", "value"),
    [
        ("self.y = x / 2", "float", None),
        ("self.y = -x", "float", [1.0]),
        ("self.y = range(x)", "int", 2.5),
        ("self.y = [item for item in x]", "list[int]", 2),
        ("self.y = len(x)", "list[int]", None),
        ("self.y = x[0]", "list[int]", 2),
        ("self.y = x.lower()", "str", None),
        ("self.y = x()", "Callable", None),
        ("self.y = torch.nn.Linear(x, 1)", "int | None", 0.5),
        ("self.y = torch.nn.Dropout(p=x)", "float", None),
        ("if not isinstance(x, int):\n            raise TypeError", "int", 0.5),
        ("assert isinstance(x, str)", "str", 3),
        ("self.y = 3 if isinstance(x, Target) else check(1)", "torch.nn.Module", {"a": 1}),
        ("self.y = [x] if isinstance(x, Target) else x", "torch.nn.Module", {"a": 1}),
        ("self.y = [x] * 2 if isinstance(x, int) else list(x)", "int", {"a": 1}),
        ("if x is None:\n            raise ValueError", "str", None),
        ("if x not in ('a', 'b'):\n            raise ValueError", "Literal['a', 'b']", "A"),
        ("self.y = 1 if x == 'a' else 2", "Literal['a', 'b']", "A"),
        ("self.y = {'a': 1, 'b': 2}[x]", "Literal['a', 'b']", "A"),
        ("self.y = check(x)", "int", 0.5),
    ],
)
def test_what_a_body_cannot_bear_stays_an_error(
    tmp_path: Path, body: str, annotation: str, value: Any
) -> None:
    """Arithmetic, loops, calls, checks and functions that the value is handed on to enforce an annotation."""
    source = f"""
    import torch
    from collections.abc import Callable
    from typing import Literal

    def check(count: int):
        return range(count)

    class Target:
        def __init__(self, x: {annotation}):
            {body.replace(chr(10), chr(10) + "    ")}
    """

    assert ERROR is severity_of(tmp_path, source, value)


@pytest.mark.parametrize(
    ("body", "annotation", "value"),
    [
        ("if x is None:\n            x = 0", "int", None),
        ("self.y = x or 3", "int", None),
        ("self.y = list(x.values()) if isinstance(x, dict) else x", "list[int]", {"a": 1}),
        ("self.y = {**x}", "bool", {"a": 1}),
        ("self.y = dict(x)", "Part", {"first": PARTIAL}),
        ("self.y = 'cat' if x == 'concat' else 'sum'", "bool", "concat"),
        ("self.y = x in ('min', 'max')", "int", "max"),
        ("if x is not required and x < 0:\n            raise ValueError", "Part", 0.1),
        ("if not isinstance(x, Part):\n            x = check(x)", "Part", {"a": 1}),
        (
            "if isinstance(x, Part):\n            y = x\n        else:\n            y = check(x)",
            "Part",
            {"a": 1},
        ),
        ("self.y = x if isinstance(x, Part) else check(count=x)", "Part", {"a": 1}),
    ],
)
def test_what_a_body_asks_for_is_taken(tmp_path: Path, body: str, annotation: str, value: Any) -> None:
    """A body that asks `x is None` or `isinstance(x, dict)` is ready for such a value."""
    source = f"""
    from absent import check

    required = object()

    class Part: ...

    class Target:
        def __init__(self, x: {annotation}):
            {body.replace(chr(10), chr(10) + "    ")}
    """

    assert None is severity_of(tmp_path, source, value)


def test_guarded_use_enforces_nothing(tmp_path: Path) -> None:
    """What a body does under another condition, or in a `try`, need not happen."""
    source = """
    class Target:
        def __init__(self, x: int, deep: bool = False):
            if deep:
                self.y = range(x)
            try:
                self.y = range(x)
            except TypeError:
                self.y = x
    """

    assert WARNING is severity_of(tmp_path, source, 0.5)


def test_comparison_with_a_number_does_not_say_which_kind(tmp_path: Path) -> None:
    """A fraction where `int` is annotated stays told when the body only compares it."""
    source = """
    class Target:
        def __init__(self, x: int | None):
            self.small = x is not None and x < 1
    """

    assert WARNING is severity_of(tmp_path, source, 0.5)


def test_use_in_another_method_enforces(tmp_path: Path) -> None:
    """What a constructor stores is followed to the methods that use it, under Lightning's `hparams` too."""
    source = """
    class Base:
        def __init__(self, x: float):
            self.save_hyperparameters()
            self.scale = x

        def forward(self, batch):
            return batch / self.hparams.x

    class Target(Base):
        def loss(self, batch):
            return self.scale - 1
    """

    assert ERROR is severity_of(tmp_path, source, [0.5])
    assert WARNING is severity_of(tmp_path, source, None)  # it may be set by then


def test_method_that_is_overridden_does_not_count(tmp_path: Path) -> None:
    """A class that uses several optimizers where its base uses one takes several."""
    source = """
    from torch.optim import Optimizer

    class Base:
        def __init__(self, x: Optimizer | None = None):
            self.optimizer = x

        def configure_optimizers(self):
            return self.optimizer(self.parameters())

    class Target(Base):
        def configure_optimizers(self):
            return [self.optimizer[key](self.parameters()) for key in ("generator", "discriminator")]
    """
    value = {"generator": PARTIAL, "discriminator": PARTIAL}

    assert WARNING is severity_of(tmp_path, source, value)
    assert ERROR is severity_of(tmp_path, source, value, target="m.Base")


@pytest.mark.parametrize(
    "source",
    [
        "from beartype import beartype\n@beartype\ndef target(x: str): ...",
        "from typeguard import typechecked\n@typechecked\nclass target:\n    def __init__(self, x: str): ...",
        "from pydantic import BaseModel\nclass target(BaseModel):\n    x: str",
        "from pydantic import validate_call\n@validate_call\ndef target(x: str): ...",
        "import attrs\n@attrs.define\nclass target:\n    x: str = attrs.field(validator=attrs.validators.instance_of(str))",
        "import torch\nclass target(torch.nn.Linear):\n    def __init__(self, **kw):\n        super().__init__(1, **kw)\n"
        "    @staticmethod\n    def of(x): ...\ndef make(x: str): return torch.nn.Softplus(beta=x)\ntarget = make",
    ],
    ids=["beartype", "typeguard", "pydantic", "validate_call", "attrs-validator", "handed-to-torch"],
)
def test_annotation_that_is_checked_is_enforced(tmp_path: Path, source: str) -> None:
    """Decorators, models, validators and torch itself check annotations."""
    assert ERROR is severity_of(tmp_path, source, None, target="m.target")


@pytest.mark.parametrize(
    ("base", "passed", "annotation", "value", "expected"),
    [
        ("pytorch_lightning.callbacks.ModelCheckpoint", "None, None, None, x", "bool", 1, WARNING),
        ("pytorch_lightning.callbacks.ModelCheckpoint", "verbose=x", "bool", None, WARNING),
        ("pytorch_lightning.callbacks.ModelCheckpoint", "verbose=x", "bool", 2, ERROR),
        ("pytorch_lightning.callbacks.ModelCheckpoint", "dirpath=x", "str | None", 1, ERROR),
        ("pytorch_lightning.loggers.CSVLogger", "'runs', prefix=x", "str", None, WARNING),
        ("pytorch_lightning.loggers.CSVLogger", "'runs', name=x", "str", 3, ERROR),
        ("torch.nn.Linear", "1, 2, bias=x", "bool", 0, WARNING),
        ("torch.nn.LSTM", "1, 2, batch_first=x", "bool", None, ERROR),
    ],
)
def test_value_that_a_base_works_with_may_be_passed_on_to_it(
    tmp_path: Path, base: str, passed: str, annotation: str, value: Any, expected: Severity
) -> None:
    """A class that hands a switch on to one of Lightning's or torch's is as lenient as that."""
    module, _, name = base.rpartition(".")
    source = f"""
from {module} import {name}
class Target({name}):
    def __init__(self, x: {annotation}):
        super().__init__({passed})
"""
    assert expected is severity_of(tmp_path, source, value)


def test_dataclass_field_is_a_promise(tmp_path: Path) -> None:
    """Nobody checks the annotations of a dataclass, but what its methods do counts."""
    source = """
    from dataclasses import dataclass

    @dataclass
    class Target:
        x: str
        y: int = 1

        def name(self):
            return self.x
    """
    used = source.replace("return self.x", "return self.x.lower()")

    assert WARNING is severity_of(tmp_path, source, 3)
    (tmp_path / "more").mkdir()
    assert ERROR is severity_of(tmp_path / "more", used, 3)


def test_table_makes_errors_of_them(tmp_path: Path) -> None:
    """`annotations = "error"` is for those who keep their annotations true."""
    assert ERROR is severity_of(tmp_path, stored("str"), None, leniency=Leniency(annotations="error"))


@pytest.mark.parametrize(
    ("test", "expected"), [("if x:", WARNING), ("if x is None:", WARNING), ("for _ in range(3):", ERROR)]
)
def test_option_that_is_left_empty_is_like_null_for_a_body_that_takes_null(
    tmp_path: Path, test: str, expected: Severity
) -> None:
    """An empty file of a group (`scheduler: none`) gives a mapping without keys."""
    source = f"""
    from torch.optim.lr_scheduler import LRScheduler

    class Target:
        def __init__(self, x: LRScheduler):
            {test}
                self.x = x
            x(3)
    """

    assert expected == severity_of(tmp_path, source, {})


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("return f'split_{self.x}.txt'", WARNING),
        ("return 'split_{}.txt'.format(self.x)", WARNING),
        ("print(self.x)", WARNING),
        ("return f'{self.x:.2f}'", ERROR),
        ("return '{:.2f}'.format(self.x)", ERROR),
        ("return f'{self.x}', self.x", ERROR),
        ("return f'{2 * self.x}'", ERROR),
        ("pass", ERROR),
    ],
)
def test_text_does_for_a_number_that_is_only_written_into_texts(
    tmp_path: Path, use: str, expected: Severity
) -> None:
    """As for the name of a file; a form of numbers, a calculation or any other use needs a number."""
    source = f"{stored('float')}\n    def show(self):\n        {use}\n"

    assert expected == severity_of(tmp_path, source, "first")
