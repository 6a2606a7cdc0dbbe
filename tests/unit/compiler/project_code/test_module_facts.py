"""Facts of modules on disk: those of another text, and those that cannot be read, are worked out anew."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from serotiny.cache.location import ENVIRONMENT_VARIABLE
from serotiny.compiler.project_code.config_use import ConfigUse
from serotiny.compiler.project_code.module_facts import FactCache, ModuleFacts
from serotiny.compiler.project_code.modules import ProjectModules

_USING = """def work(cfg):
    if cfg.model.width is None:
        return hydra.utils.instantiate(cfg.model.net)
    OmegaConf.resolve(cfg)
    return dict(**cfg.data), helper.call(cfg)
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path / "cache"))
    path = tmp_path / "module.py"
    path.write_text(_USING)
    return path


def _use(module: Path, work_out: Callable[[ast.Module], ConfigUse] = ConfigUse.of_module) -> ConfigUse | None:
    facts = ModuleFacts(
        modules=ProjectModules(lambda: [module], lambda _: None, FactCache()),
        kind="uses",
        work_out=work_out,
        to_json=ConfigUse.to_json,
        from_json=ConfigUse.from_json,
    )
    return next((use for _, use in facts.of({module})), None)


def _never(_: ast.Module) -> ConfigUse:
    raise AssertionError("it was worked out again")


def test_kept_fact_is_the_one_that_was_worked_out(module: Path) -> None:
    """A second call reads all of it from disk, and parses nothing."""
    expected = ConfigUse.of_module(ast.parse(_USING))

    assert expected == _use(module)
    assert expected == _use(module, _never)


def test_fact_of_another_text_is_worked_out_anew(module: Path) -> None:
    """What was kept is of no use for a file that has changed, even where its time has not."""
    _use(module)
    module.write_text("x = 1\n")

    assert ConfigUse() == _use(module)


def test_what_python_cannot_read_is_remembered_as_such(module: Path) -> None:
    """A module that is not valid has no facts, also in a second call."""
    module.write_text("def (\n")

    assert [None, None] == [_use(module), _use(module, _never)]


@pytest.mark.parametrize("damaged", [1, [], {}, ["", 1]])
def test_damaged_entry_is_worked_out_anew(module: Path, damaged: object) -> None:
    """An answer of another shape is replaced."""
    expected = _use(module)
    for entry in FactCache().folder.glob("*.json"):
        data = json.loads(entry.read_text())
        is_list = isinstance(damaged, list) and len(damaged) == 2
        data["answer"] = [data["answer"][0], damaged] if is_list else damaged
        entry.write_text(json.dumps(data))

    assert expected == _use(module)
