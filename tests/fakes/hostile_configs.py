"""Hostile and harmless configs by parts, as `tests/cases/hostile_parts.yaml` lists them, and the project that they are put in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import yaml

CASES: Final = Path(__file__).parents[1] / "cases"
DOCUMENT: Final = yaml.safe_load((CASES / "hostile.yaml").read_text("utf-8"))
PARTS: Final = yaml.safe_load((CASES / "hostile_parts.yaml").read_text("utf-8"))

MODELS: Final = """
import subprocess

import pytorch_lightning as pl
from torch import nn


class Tiny(pl.LightningModule):
    def __init__(self, width: int, net=None, optimizer=None):
        super().__init__()

    @classmethod
    def of_width(cls, width: int) -> "Tiny":
        return cls(width)


class RandomData(pl.LightningDataModule):
    pass


class Program(subprocess.Popen):
    pass


def make(width: int) -> Tiny:
    return Tiny(width)


def shout(trainer, pl_module) -> None: ...
"""

MADE: Final = {
    "@DOUBLE@": ", ".join(f"a{number}: '{f'${{.a{number - 1}}}' * 10}'" for number in range(1, 25)),
    "@NESTED@": "${a" * 40 + "}" * 40,
    "@BRACKETS@": "[" * 20_000 + "]" * 20_000,
    "@BLOCK@": "\n".join("  " * level + "a:" for level in range(1, 201)),
    "@MERGES@": "\n".join(
        f"a{number}: &a{number} {{<<: [*a{number - 1}, *a{number - 1}], k: *a{number - 1}}}"
        for number in range(1, 40)
    ),
    "@MANY@": ", ".join(["1"] * 40_000),
    "@CALLBACKS@": ", ".join(["{_target_: os.system}"] * 5_000),
    "@LONG@": "password=" + "x" * 200_000,
    "@NUMBERS@": ", ".join(map(str, range(5_000))),
    "@FEW_BRACKETS@": "[" * 40 + "]" * 40,
    "@KEYS@": ", ".join(f"k{number}: 1" for number in range(3_000)),
    "@ASKED@": ", ".join(["'${oc.dict.keys:seeds}'", "'${oc.dict.values:seeds}'"] * 1_500),
    "@CHAIN@": ", ".join(f"a{number}: '${{.a{number - 1}}}'" for number in range(1, 100)),
}


def write_study(root: Path) -> Path:
    """A project whose root also holds a module that tells when it is imported; gives the primary config to write."""
    package = root / "study_pkg"
    (package / "config").mkdir(parents=True)
    (root / "pyproject.toml").write_text('[tool.serotiny]\npackage = "study_pkg"\n')
    (package / "__init__.py").touch()
    (package / "models.py").write_text(MODELS)
    (root / "table.csv").write_text("split,x\ntrain,1\nvalid,1\ntest,1\n")
    (root / "last.ckpt").touch()
    (root / "evil_in_cwd.py").write_text(f"open({str(root / 'canary')!r}, 'w')\nclass Model: pass\n")
    return package / "config" / "train.yaml"


def with_parts(parts: str, canary: Path) -> str:
    """The base with its keys replaced by those of a case."""
    for name, text in MADE.items():
        parts = parts.replace(name, text)
    keys = set(re.findall(r"^(\w+):", parts, re.MULTILINE))
    blocks = re.split(r"^(?=\w)", DOCUMENT["base"], flags=re.MULTILINE)
    kept = "".join(block for block in blocks if block.partition(":")[0] not in keys)
    return (kept + parts).replace("@CANARY@", str(canary))
