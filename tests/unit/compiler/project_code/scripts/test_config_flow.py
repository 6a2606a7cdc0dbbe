"""The functions and methods that are given the config of a script, through imports, packages and base classes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from serotiny.compiler.project_code.scripts.config_flow import scopes
from serotiny.compiler.project_code.scripts.script import Script

MAIN = "@hydra.main(config_path='conf', config_name='train')\ndef main(cfg):\n"
FILES = {
    "own/parts/__init__.py": "from .loop import fit\nfrom own.parts.loop import Loop as Kept\n",
    "own/parts/loop.py": """
from ..base import Base
from nowhere import Other
def fit(conf): ...
def twice(conf): ...
def twice(conf): ...
class Loop(Base):
    def run(self):
        self.step(self.cfg.loop)
        super().run()
    def step(self, loop): ...
class Open(Other, Base): ...
class Tools:
    @staticmethod
    def show(conf): ...
    @classmethod
    def make(cls, conf): ...
""",
    "own/base.py": """
class Base:
    def __init__(self, cfg, size=3):
        self.cfg = cfg
        self.start(cfg.data)
    def start(self, data): ...
    def run(self): ...
    def step(self, replaced): ...
    def stop(self): ...
""",
}


def reached(source: str) -> dict[str, tuple[str, bool]]:
    """What each function holds, and whether it is certainly called."""
    root = Path("/study")
    modules = {root / name: Script(root / name, ast.parse(text)) for name, text in FILES.items()}

    def module(name: str | Path) -> Script | None:
        path = name if isinstance(name, Path) else root.joinpath(*name.split("."))
        found = modules.get(path.with_name(f"{path.name}.py"))
        return found or modules.get(path / "__init__.py")

    script = Script(root / "own" / "train.py", ast.parse(f"import hydra\n{source}"))
    return {
        f"{scope.owner}.{scope.function.name}".strip("."): (
            " ".join(f"{name}={'.'.join(keys)}" for name, keys in sorted(scope.held.items())),
            scope.is_reached,
        )
        for scope in scopes(script, module)
        if scope.function.name != "main"
    }


@pytest.mark.parametrize(
    ("imported", "call", "expected"),
    [
        ("from .parts.loop import fit", "fit(cfg.fit)", {"fit": ("conf=fit", True)}),
        ("from .parts import fit as start", "start(cfg.fit)", {"fit": ("conf=fit", True)}),
        ("from own.parts import fit", "fit(conf=cfg['fit'])", {"fit": ("conf=fit", True)}),
        ("from . import parts", "parts.fit(cfg.get('fit'))", {"fit": ("conf=fit", True)}),
        ("from .parts import loop", "loop.fit(cfg)", {"fit": ("conf=", True)}),
        ("import own.parts.loop as loop", "loop.Tools.show(cfg)", {"show": ("conf=", True)}),
        ("from own.parts.loop import Tools", "Tools.make(cfg)", {"make": ("conf=", True)}),
        ("from .parts.loop import fit", "cfg.off or fit(cfg)", {"fit": ("conf=", False)}),
        ("from .parts.loop import twice", "twice(cfg)", {}),
        ("from .nowhere import fit", "fit(cfg)", {}),
        ("from ......far import fit", "fit(cfg)", {}),
        ("from .parts import fit\nfrom other import fit", "fit(cfg)", {}),
    ],
)
def test_function_is_found_through_imports(
    imported: str, call: str, expected: dict[str, tuple[str, bool]]
) -> None:
    """Relative ones, and those of a package that hands on what its modules define; two of one name are none."""
    assert expected == reached(f"{imported}\n{MAIN}    {call}\n")


BASE = {"Base.__init__": ("cfg= self.cfg=", True), "Base.start": ("data=data self.cfg=", True)}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "    Kept(cfg).run()\n",
            {
                **BASE,
                "Loop.run": ("self.cfg=", True),
                "Loop.step": ("loop=loop self.cfg=", True),
                "Base.run": ("self.cfg=", True),
                "Base.stop": ("self.cfg=", False),
            },
        ),
        (
            "    made = Kept(cfg)\n    if cfg.fit:\n        made.step(cfg.steps)\n",
            {
                **BASE,
                "Loop.run": ("self.cfg=", False),
                "Loop.step": ("loop=loop self.cfg=", False),
                "Base.run": ("self.cfg=", False),
                "Base.stop": ("self.cfg=", False),
            },
        ),
    ],
)
def test_object_keeps_the_config_for_its_methods(body: str, expected: dict[str, tuple[str, bool]]) -> None:
    """Also for those of its bases, of which a method that is replaced runs only where `super()` calls it."""
    assert expected == reached(f"from .parts import Kept\n{MAIN}{body}")


def test_base_that_is_not_seen_may_define_any_method() -> None:
    """So what comes behind it is not followed."""
    assert {} == reached(f"from .parts.loop import Open\n{MAIN}    Open(cfg).run()\n")
