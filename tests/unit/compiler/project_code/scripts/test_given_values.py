"""Single values of a config that a script gives to what it imports, read from its source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from serotiny.compiler.project_code.scripts.config_flow import scopes
from serotiny.compiler.project_code.scripts.given_values import assigned_names, given_values
from serotiny.compiler.project_code.scripts.script import Script

HEAD = "import hydra\nfrom torch.nn import Linear\nfrom net import Net, build\n"
MAIN = "@hydra.main(config_path='configs', config_name='train')\ndef main(cfg):\n"
NET = """
class Net:
    def __init__(self, part, *, more=None):
        self.part = part
        Linear(part.size, 2)
    def grow(self):
        Linear(self.part.size, 2)
        Linear(self.more.size, 2)
def build(cfg):
    Linear(cfg.size, 2)
"""


def given(source: str) -> list[tuple[str, str | int, bool]]:
    net = Script(Path("net.py"), ast.parse("from torch.nn import Linear\n" + NET))
    script = Script(Path("train.py"), ast.parse(HEAD + MAIN + source))
    found = given_values([*scopes(script, lambda name: net if name == "net" else None)])
    return [
        (".".join(one.keys), one.parameter, one.is_certain) for one in found if one.target.endswith("Linear")
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("    Linear(cfg.size, bias=cfg['bias'])\n", [("size", 0, True), ("bias", "bias", True)]),
        ("    size = cfg.net.size\n    Linear(*size, 2, bias=size)\n", [("net.size", "bias", True)]),
        ("    run(cfg.net)\ndef run(net):\n    Linear(net.size, 2)\n", [("net.size", 0, True)]),
        (
            "    run(3, of=cfg.net)\ndef run(size, *, of):\n    Linear(size, of.size)\n",
            [("net.size", 1, True)],
        ),
        ("    build(cfg.net)\n", [("net.size", 0, True)]),
        ("    Net(cfg.net)\n", [("net.size", 0, True), ("net.size", 0, False)]),
        ("    for _ in range(3):\n        Linear(cfg.size, 2)\n", [("size", 0, False)]),
    ],
)
def test_value_is_followed_into_the_functions_and_classes_that_get_it(
    body: str, expected: list[tuple[str, str | int, bool]]
) -> None:
    """Also into those of other modules, and into attributes that a constructor sets; a method may never be called."""
    assert expected == given(body)


@pytest.mark.parametrize(
    "body",
    [
        "    if cfg.size:\n        Linear(cfg.size, 2)\n",
        "    if cfg.size:\n        build(cfg)\n",
        "    if cfg.off:\n        return\n    Linear(cfg.size, 2)\n",
        "    cfg.size and Linear(cfg.size, 2)\n",
        "    cfg.size = 3\n    Linear(cfg.size, 2)\n",
        "    setattr(cfg, 'size', 3)\n    Linear(cfg.size, 2)\n",
        "    cfg.update(more)\n    Linear(cfg.size, 2)\n",
        "    change(cfg.net)\n    Linear(cfg.net.size, 2)\ndef change(net):\n    net.size = 3\n",
        "    cfg = other(cfg)\n    Linear(cfg.size, 2)\n",
        "    size = cfg.size\n    size = 3\n    Linear(size, 2)\n",
        "    size = int(cfg.size)\n    Linear(size, 2)\n",
        "    run(cfg.a)\n    run(cfg.b)\ndef run(net):\n    Linear(net.size, 2)\n",
        "    run(cfg)\ndef run(cfg):\n    print([Linear(cfg.size, 2) for cfg in ()])\n",
        "    def run(cfg):\n        Linear(cfg.size, 2)\n",
    ],
)
def test_value_that_may_be_another_one_or_is_given_on_a_condition_is_left_out(body: str) -> None:
    """What the script changes, or asks about before, may be no fault of the config."""
    assert [] == given(body)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"cfg.size = 3", True),
        (b"cfg['size'] += 3", True),
        (b"self.cfg.size = 3", True),
        (b"self.size = 3", False),
        (b"cfg.size == 3", False),
        (b"cfg.size_of = 3", False),
        (b"size = 3", False),
    ],
)
def test_assignment_to_a_key_of_any_object_may_change_a_config(source: bytes, expected: bool) -> None:
    """One to an attribute of the object itself does not."""
    assert expected == (b"size" in assigned_names(source))
