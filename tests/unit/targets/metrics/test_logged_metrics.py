"""What a LightningModule logs, read from its source."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from serotiny.targets import SignatureReader
from serotiny.targets.metrics.logged_metrics import LoggedMetrics, LoggedName

HEAD = """
import functools
import pytorch_lightning as pl
import torch
from torch import nn
from elsewhere import helper

PREFIX = "val"
"""


LIGHTNING = """
class LightningModule:
    def log(self, name, value): ...
    def log_dict(self, dictionary): ...
    def training_step(self, batch, batch_idx): ...
    def validation_step(self, batch, batch_idx, dataloader_idx=0): ...
    def test_step(self, batch, batch_idx): ...
"""


def read(folder: Path, body: str, name: str = "Model", head: str = HEAD) -> LoggedMetrics:
    """What the class of that name logs, in a module of its own, on a small stand-in for Lightning."""
    core = folder / "pytorch_lightning" / "core"
    core.mkdir(parents=True, exist_ok=True)
    (core / "__init__.py").touch()
    (core / "module.py").write_text(LIGHTNING)
    (core.parent / "__init__.py").write_text("from pytorch_lightning.core.module import LightningModule")
    (folder / "own_models.py").write_text(head + textwrap.dedent(body))
    return SignatureReader([folder]).logged_metrics(f"own_models.{name}")


def step(statements: str) -> str:
    """A model whose training step holds the statements."""
    lines = textwrap.indent(textwrap.dedent(statements).strip(), " " * 8)
    return f"class Model(pl.LightningModule):\n    def training_step(self, batch, batch_idx):\n{lines}\n"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("self.log('val_loss', 1)", ["val_loss"]),
        ("self.log(name='val_loss', value=1)", ["val_loss"]),
        ("super().log('val_loss', 1)", ["val_loss"]),
        ("self.log_dict({'a': 1, 'b': 2})", ["a", "b"]),
        ("self.log_dict(dictionary={'a': 1} | dict(b=2))", ["a", "b"]),
        ("self.log_dict({**{'a': 1}, 'b': 2})", ["a", "b"]),
        (
            "m = {'a': 1}\nm['b'] = 2\nm.update(c=3, **{'d': 4})\nm |= {'e': 5}\nself.log_dict(m)",
            list("abcde"),
        ),
        ("self.log(PREFIX + '_loss', 1)", ["val_loss"]),
        ("self.log(f'{PREFIX}_loss', 1)", ["val_loss"]),
        ("self.log('a' if batch_idx else 'b', 1)", ["a", "b"]),
        ("for stage in ('a', 'b'):\n    self.log(stage + '_loss', 1)", ["a_loss", "b_loss"]),
        ("for k in range(3):\n    self.log(f'loss_{k}', 1)", ["loss_…"]),
        ("self.log('loss_%d' % batch_idx, 1)", ["loss_…"]),
        ("self.log('loss_{}'.format(batch_idx), 1)", ["loss_…"]),
        ("self.log(f'loss_{batch_idx:03d}', 1)", ["loss_…"]),
        ("self.log_dict({f'train_{k}': v for k, v in batch.items()})", ["train_…"]),
        ("name = 'a'\nname += batch\nself.log(f'x_{name}', 1)", ["x_…", "x_a"]),
        ("if (name := 'a'):\n    self.log(name, 1)", ["a"]),
        ("isinstance(self, nn.Module)\nself(batch)\nself.logger.log_metrics({'no': 1})", []),
        ("import math\nmath.log(2)\nbatch.log('no', 1)", []),
    ],
)
def test_name_is_read_from_its_expression(tmp_path: Path, statements: str, expected: list[str]) -> None:
    """Constants are names, and what is not known inside a name is a hole."""
    logged = read(tmp_path, step(statements))

    assert (expected, True) == ([str(name) for name in logged.names], logged.certain)


@pytest.mark.parametrize(
    "statements",
    [
        "self.log(batch, 1)",
        "self.log(f'{batch}', 1)",
        "self.log(*batch)",
        "self.log_dict(batch)",
        "self.log_dict(self.metrics(batch))",
        "m = {'a': 1}\nhelper(m)\nself.log_dict(m)",
        "m = {'a': 1}\nhelper(into=m)\nself.log_dict(m)",
        "loss, m = batch\nself.log_dict(m)",
        "m = {}\nfor k in batch:\n    m[k] = 1\nself.log_dict(m)",
        "helper(self)",
        "helper(model=self)",
        "self.head.owner = self",
        "model = self",
        "log = self.log\nlog('a', 1)",
        "functools.partial(self.log, on_step=True)('a', 1)",
        "getattr(self, batch)('a', 1)",
        "[self]",
        "self.trainer.callback_metrics['a'] = 1",
    ],
)
def test_open_source_is_not_certain(tmp_path: Path, statements: str) -> None:
    """Where something else may be logged, nothing is claimed."""
    logged = read(tmp_path, step(statements))

    assert not logged.certain
    assert logged.matches("anything")


DRAWING = """
from torch import nn

def draw(model, rows):
    return model.head(rows)

def record(model, rows):
    model.log("val_loss", 1)

def hand_on(model, rows):
    return draw(model, rows)
"""


@pytest.mark.parametrize(
    ("statements", "is_certain"),
    [
        ("draw(self, batch)", True),
        ("draw(rows=batch, model=self)", True),
        ("record(self, batch)", False),
        ("hand_on(self, batch)", False),
        ("draw(*batch, self)", False),
        ("setattr(self, batch, 1)", True),
        ("getattr(self, 'head', None)", True),
        ("getattr(self, f'{batch}_head')", True),
        ("getattr(self, 'log')('a', 1)", False),
        ("getattr(self, f'lo{batch}')('a', 1)", False),
    ],
)
def test_function_that_only_reads_attributes_of_the_model_logs_nothing(
    tmp_path: Path, statements: str, is_certain: bool
) -> None:
    """As one that draws a picture; one that gives the model away may."""
    (tmp_path / "drawing.py").write_text(DRAWING)
    head = f"{HEAD}from drawing import draw, hand_on, record\n"
    logged = read(tmp_path, step(f"self.log('loss', 1)\n{statements}"), head=head)

    assert is_certain == logged.certain


CALLBACKS = """
from pytorch_lightning.callbacks import Callback, LearningRateMonitor, ModelCheckpoint

class Part(Callback):
    def __init__(self, folder):
        self.folder = str(folder)

    {body}
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("def on_fit_end(self, trainer, pl_module): print(trainer.current_epoch, pl_module.net.width)", True),
        ("def on_fit_end(self, trainer, pl_module): super().on_fit_end(trainer, pl_module)", True),
        (
            "def on_fit_end(self, trainer, pl_module): self.save(pl_module)\n    def save(self, it): it.eval()",
            True,
        ),
        ("def on_fit_end(self, trainer, pl_module): pl_module.log('a', 1)", False),
        ("def on_fit_end(self, trainer, pl_module): trainer.callback_metrics['a'] = 1", False),
        ("def on_fit_end(self, trainer, pl_module): helper(pl_module)", False),
        ("def on_fit_end(self, trainer, pl_module): self.model = pl_module", False),
        (
            "def on_fit_end(self, trainer, pl_module): self.save(pl_module)\n    def save(self, it): it.log('a', 1)",
            False,
        ),
        ("on_fit_end = helper", False),
    ],
)
def test_callback_that_only_reads_attributes_of_what_it_is_given_logs_nothing(
    tmp_path: Path, body: str, expected: bool
) -> None:
    """One that gives the model away, or keeps it, may."""
    (tmp_path / "parts.py").write_text(CALLBACKS.format(body=body))

    assert expected == SignatureReader([tmp_path]).logs_nothing("parts.Part")


@pytest.mark.parametrize(
    "body",
    [
        "class Model(nn.Module):\n    pass",
        "class Model(helper):\n    pass",
        "class Model(helper, pl.LightningModule):\n    pass",
        "class Model(pl.LightningModule):\n    training_step = helper",
        "class Model(pl.LightningModule):\n    training_step = lambda self, batch: self.log('a', 1)",
        "class Model(pl.LightningModule):\n    def log(self, name, value):\n        pass",
        "class Model(pl.LightningModule):\n    from elsewhere import training_step",
        "def Model():\n    return pl.LightningModule()",
        "class Other(pl.LightningModule):\n    pass",
    ],
)
def test_what_is_no_readable_module_is_not_certain(tmp_path: Path, body: str) -> None:
    """Other classes, functions, unreadable bases and borrowed methods leave the question open."""
    assert LoggedMetrics() == read(tmp_path, body)


SHARED = """
class Base(pl.LightningModule):
    def training_step(self, batch, batch_idx):
        return self._step("train", batch)

    def validation_step(self, batch, batch_idx):
        return self._step(batch=batch, stage="val")

    def test_step(self, batch, batch_idx):
        return self._step(*batch) if {starred} else None

    def _step(self, stage, batch=None, *, suffix="loss"):
        raise NotImplementedError

    def _record(self, losses, rows=0):
        self.log_dict(dict(losses))


class Model(Base):
    def _step(self, stage, batch=None, *, suffix="loss"):
        self._record({{f"{{stage}}_{{suffix}}": 1}}, rows=2)
"""


def test_arguments_are_followed_to_the_calls_of_a_method(tmp_path: Path) -> None:
    """A name made of a parameter is what the class itself passes for it, through bases and defaults."""
    logged = read(tmp_path, SHARED.format(starred="False").replace("*batch", '"test"'))

    assert ["test_loss", "train_loss", "val_loss"] == [str(name) for name in logged.names]


def test_arguments_that_are_unpacked_are_a_hole(tmp_path: Path) -> None:
    """What a star passes is not known."""
    logged = read(tmp_path, SHARED.format(starred="True"))

    assert ["…_loss", "train_loss", "val_loss"] == [str(name) for name in logged.names]


@pytest.mark.parametrize("use", ["helper(self._step)", "self.step = functools.partial(self._step, 'x')"])
def test_method_that_is_handed_on_may_get_anything(tmp_path: Path, use: str) -> None:
    """Others may call a method that is given away, with arguments that nobody sees."""
    logged = read(
        tmp_path,
        step(f"self._step('train')\n{use}")
        + "\n    def _step(self, stage):\n        self.log(f'{stage}_loss', 1)\n",
    )

    assert ["…_loss"] == [str(name) for name in logged.names]


def test_parameters_of_hooks_are_given_by_lightning(tmp_path: Path) -> None:
    """What Lightning passes to a hook is a hole, also when the class calls the hook itself."""
    body = """
    class Model(pl.LightningModule):
        def training_step(self, batch, batch_idx):
            self.validation_step("a", 0)

        def validation_step(self, batch, batch_idx, dataloader_idx=0):
            self.log(f"loss_{dataloader_idx}", 1)
    """

    assert ["loss_…"] == [str(name) for name in read(tmp_path, body).names]


@pytest.mark.parametrize("namespace", ["pytorch_lightning", "lightning.pytorch"])
def test_both_packages_of_lightning_are_known(tmp_path: Path, namespace: str) -> None:
    """A model is read alike on either of Lightning's packages."""
    (tmp_path / "own_models.py").write_text(f"import {namespace} as pl\n" + step("self.log('a', 1)"))

    logged = SignatureReader([tmp_path]).logged_metrics("own_models.Model")

    assert LoggedMetrics((LoggedName(("a",)),), True) == logged


@pytest.mark.parametrize(
    ("flags", "metric", "expected"),
    [
        ("", "a", True),
        ("", "a_epoch", False),
        ("on_epoch=True", "a_epoch", True),
        ("on_epoch=True", "a_step", True),
        ("on_step=True, on_epoch=True", "a", True),
        ("on_step=False, on_epoch=True", "a_epoch", False),
        ("on_epoch=flag", "a_epoch", True),
        ("**flags", "a_epoch", True),
        ("", "a/dataloader_idx_1", True),
        ("", "a/dataloader_idx_x", False),
        ("on_epoch=True", "a_epoch/dataloader_idx_0", True),
        ("", "A", False),
    ],
)
def test_forms_of_a_name_are_those_that_lightning_makes(
    tmp_path: Path, flags: str, metric: str, expected: bool
) -> None:
    """A value logged for steps and epochs has three names; one of several data loaders gets its number."""
    logged = read(tmp_path, step(f"self.log('a', 1, {flags})"))

    assert expected == logged.matches(metric)


def test_answer_is_kept_and_renewed(tmp_path: Path) -> None:
    """A second reader takes the answer from the cache; a changed file is read again."""
    from serotiny.targets import SignatureCache

    cache = SignatureCache(tmp_path / "cache")
    for name in ("a", "other"):
        (tmp_path / "own_models.py").write_text(HEAD + step(f"self.log({name!r}, 1)"))
        for _ in range(2):
            reader = SignatureReader([tmp_path], cache)
            assert [name] == [str(found) for found in reader.logged_metrics("own_models.Model").names]
    assert reader._source_reader is None


def test_deep_alternatives_end(tmp_path: Path) -> None:
    """A name with more alternatives than anybody would list costs no time."""
    lines = [f"x{n} = (x{n + 1} + 'a') if batch else (x{n + 1} + 'b')" for n in range(30)]

    logged = read(tmp_path, step("\n".join([*lines, "x30 = 'c'", "self.log(x0, 1)"])))

    assert logged.matches("c" + "a" * 30)
