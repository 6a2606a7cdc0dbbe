"""Calls that get a part of a config as their keyword arguments, read from the source of a script."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from serotiny.compiler.project_code.scripts.config_flow import scopes
from serotiny.compiler.project_code.scripts.handed_on import handed_on
from serotiny.compiler.project_code.scripts.script import Script

HEAD = "import hydra\nimport pytorch_lightning as pl\nfrom torch.utils.data import DataLoader\n"
MAIN = "@hydra.main(config_path='configs', config_name='train')\ndef main(cfg):\n"


def calls(source: str) -> list[tuple[str, str, bool]]:
    found = handed_on([*scopes(Script(Path("train.py"), ast.parse(HEAD + source)))])
    return [(".".join(call.keys), call.target, call.is_certain) for call in found]


@pytest.mark.parametrize(
    ("body", "is_certain"),
    [
        ("    pl.Trainer(logger=False, **cfg.trainer)\n", True),
        ("    pl.Trainer(**cfg['trainer'])\n", True),
        ("    pl.Trainer(**dict(cfg.trainer)).fit(1)\n", True),
        ("    with lock:\n        pl.Trainer(**cfg.trainer)\n", True),
        ("    cfg.trainer.seed = 3\n    pl.Trainer(**cfg.trainer)\n", True),
        ("    run(cfg)\ndef run(conf):\n    pl.Trainer(**conf.trainer)\n", True),
        ("    part = cfg.trainer\n    pl.Trainer(logger=part.get('log'), **part)\n", True),
        ("    part: dict = dict(cfg.trainer)\n    pl.Trainer(**part)\n", True),
        (
            "    of = cfg['trainer']\n    part = OmegaConf.to_container(of, resolve=True)\n    pl.Trainer(**part)\n",
            True,
        ),
        ("    part = cfg.trainer\n    if cfg.fit:\n        pl.Trainer(**part)\n", False),
        ("    if cfg.fit:\n        pl.Trainer(**cfg.trainer)\n", False),
        ("    if cfg.off:\n        return\n    pl.Trainer(**cfg.trainer)\n", False),
        ("    if cfg.fit:\n        run(cfg)\ndef run(cfg):\n    pl.Trainer(**cfg.trainer)\n", False),
    ],
)
def test_call_that_takes_a_part_of_the_whole_config_is_found(body: str, is_certain: bool) -> None:
    """It is certain where the script makes it on no condition."""
    assert [("trainer", "pytorch_lightning.Trainer", is_certain)] == calls(MAIN + body)


def test_function_of_a_partial_gets_the_part_when_it_is_called() -> None:
    """`partial(f, 1, **cfg.f)` calls `f` later, with what others may give it then; without a function it calls nothing."""
    source = (
        f"from functools import partial\n{MAIN}"
        "    partial(pl.Trainer, 1, **cfg.trainer)\n    partial(*cfg.a, **cfg.b)\n    partial(make(), **cfg.c)\n"
    )

    (call,) = handed_on([*scopes(Script(Path("train.py"), ast.parse(HEAD + source)))])

    assert ("pytorch_lightning.Trainer", 1) == (call.target, call.positions)
    assert not call.is_certain
    assert not call.is_unchanged


@pytest.mark.parametrize(
    "source",
    [
        MAIN + "    cfg = other(cfg)\n    pl.Trainer(**cfg.trainer)\n",
        MAIN + "    cfg.trainer = {**cfg.trainer}\n    pl.Trainer(**cfg.trainer)\n",
        MAIN + "    pl.Trainer(**cfg)\n",
        MAIN + "    pl.Trainer(**cfg.trainer, **cfg.more)\n",
        MAIN + "    own(**cfg.trainer)\n",
        MAIN + "    part = cfg.trainer\n    part = other(part)\n    pl.Trainer(**part)\n",
        MAIN + "    part = cfg.trainer\n    part.pop('x')\n    pl.Trainer(**part)\n",
        MAIN + "    part = cfg.trainer\n    part['x'] = 1\n    pl.Trainer(**part)\n",
        MAIN + "    part = cfg.trainer\n    change(part)\n    pl.Trainer(**part)\n",
        MAIN + "    if cfg.fit:\n        part = cfg.trainer\n    pl.Trainer(**part)\n",
        MAIN + "    part = other()\n    part |= cfg.trainer\n    pl.Trainer(**part)\n",
        MAIN + "    pl = other()\n    pl.Trainer(**cfg.trainer)\n",
        MAIN + "    run(cfg)\n    run(other)\ndef run(conf):\n    pl.Trainer(**conf.trainer)\n",
        "def main(cfg):\n    pl.Trainer(**cfg.trainer)\n",
    ],
)
def test_call_of_which_it_is_not_seen_what_it_gets_is_none(source: str) -> None:
    """The config may be another one, or the name be bound to something else."""
    assert [] == calls(source)


@pytest.mark.parametrize(
    ("body", "is_unchanged"),
    [
        ("    pl.Trainer(**cfg.trainer)\n", True),
        ("    print(cfg)\n    name = cfg.trainer.name\n    pl.Trainer(**cfg.trainer)\n", True),
        ("    run(cfg)\ndef run(cfg):\n    pl.Trainer(**cfg.trainer)\n", True),
        ("    change(cfg.model)\n    pl.Trainer(**cfg.trainer)\n", True),
        ("    change(cfg)\n    pl.Trainer(**cfg.trainer)\n", False),
        ("    change(cfg.trainer)\n    pl.Trainer(**cfg.trainer)\n", False),
        ("    cfg.trainer.update(seed=3)\n    pl.Trainer(**cfg.trainer)\n", False),
        ("    part = [1, cfg.trainer][0] = cfg.trainer\n    pl.Trainer(**cfg.trainer)\n", False),
    ],
)
def test_part_that_other_code_is_given_may_get_further_keys(body: str, is_unchanged: bool) -> None:
    """So nothing is said of what it lacks."""
    (found,) = handed_on([*scopes(Script(Path("train.py"), ast.parse(HEAD + MAIN + body)))])
    assert is_unchanged == found.is_unchanged
