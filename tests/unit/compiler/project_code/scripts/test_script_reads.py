"""The keys that a script reads from its config, found in its source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from serotiny.compiler.project_code.scripts.config_flow import scopes
from serotiny.compiler.project_code.scripts.script import Script
from serotiny.compiler.project_code.scripts.script_reads import script_reads

MAIN = "import hydra\n@hydra.main(config_path='configs', config_name='train')\ndef main(cfg):\n"


def read(body: str) -> set[tuple[str, bool]]:
    found = script_reads([*scopes(Script(Path("train.py"), ast.parse(MAIN + body)))])
    return {(".".join(one.keys), one.is_certain) for one in found}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("    print(cfg.seed)\n", {("seed", True)}),
        ("    print(cfg['loop'].epochs)\n", {("loop", True), ("loop.epochs", True)}),
        ("    part = cfg.loop\n    print(part['epochs'])\n", {("loop", True), ("loop.epochs", True)}),
        ("    run(cfg)\ndef run(conf):\n    print(conf.seed)\n", {("seed", True)}),
        ("    print(cfg.get('seed'))\n", {("seed", False)}),
        ("    if cfg.get('train'):\n        print(cfg.seed)\n", {("train", False), ("seed", False)}),
        ("    print(cfg.seed if 'seed' in cfg else 3)\n", {("seed", False)}),
        ("    print('seed' in cfg and cfg.seed)\n", {("seed", False)}),
        ("    print([cfg.seed for _ in items])\n", {("seed", False)}),
        ("    ask = lambda: cfg.seed\n", {("seed", False)}),
        ("    try:\n        print(cfg.seed)\n    except AttributeError:\n        pass\n", {("seed", False)}),
        ("    if cfg.seed > 3:\n        pass\n", {("seed", True)}),
        ("    print(getattr(cfg, 'seed'))\n", {("seed", True)}),
        ("    print(getattr(cfg, 'seed', 3))\n", {("seed", False)}),
        ("    print(OmegaConf.select(cfg, 'loop.seed'))\n", {("loop.seed", False)}),
        ("    OmegaConf.set_struct(cfg, False)\n    print(cfg.seed)\n", {("seed", False)}),
        ("    if off:\n        exit()\n    print(cfg.seed)\n", {("seed", False)}),
        ("    part = cfg.loop\n    run(part)\n    print(part.seed)\n", {("loop", True), ("loop.seed", True)}),
        ("    part = cfg.loop\n    part.clear()\n    print(part.seed)\n", {("loop", True)}),
        (
            "    Loop(cfg.loop)\nclass Loop:\n    def __init__(self, part):\n        self.part = part\n"
            "    def run(self):\n        print(self.part.seed)\n",
            {("loop", True), ("loop.seed", False)},
        ),
        (
            "    Loop(cfg.loop)\nclass Loop:\n    def __init__(self, part):\n"
            "        self.save_hyperparameters(part)\n        print(self.hparams.seed)\n"
            "    def run(self):\n        print(self.hparams.width)\n",
            {("loop", True), ("loop.seed", True), ("loop.width", False)},
        ),
        ("    cfg.seed = 3\n", set()),
        ("    cfg = prepared(cfg)\n    print(cfg.seed)\n", set()),
        ("    print(cfg.keys(), cfg.loop.items())\n", {("loop", True)}),
    ],
)
def test_read_is_certain_where_it_happens_whatever_the_config_says(
    body: str, expected: set[tuple[str, bool]]
) -> None:
    """A condition, a default or a config that is made anew leaves it open; a method of a config is no key."""
    assert expected == read(body)
