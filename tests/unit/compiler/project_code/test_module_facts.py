"""Facts of modules on disk: those of another text, and those that cannot be read, are worked out anew."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from serotiny.cache.location import ENVIRONMENT_VARIABLE
from serotiny.compiler.project_code.comparisons import Comparisons
from serotiny.compiler.project_code.config_use import ConfigUse
from serotiny.compiler.project_code.module_facts import FactCache, ModuleFacts
from serotiny.compiler.project_code.modules import ProjectModules
from serotiny.compiler.project_code.questions.additions import Additions
from serotiny.compiler.project_code.supplies import Supply, supplies
from serotiny.compiler.project_code.target_use import TargetUse

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


_GIVING = """def work(cfg, mode):
    if cfg.mode == "fast" or mode in ("slow", "safe") or cfg.get("kind") != "plain":
        made = get_class(cfg.model._target_)(**cfg.model)
    name = cfg.data.pop("_target_")
    other = get_class(cfg.net["_target_"])(cfg.net.width)
    return instantiate(cfg.task, model=made, _recursive_=False), getattr(models, other)
"""


@pytest.mark.parametrize(
    ("work_out", "to_json", "from_json"),
    [
        (Comparisons.of_module, Comparisons.to_json, Comparisons.from_json),
        (TargetUse.of_module, TargetUse.to_json, TargetUse.from_json),
        (
            lambda tree: list(supplies(tree)),
            lambda found: [supply.to_json() for supply in found],
            lambda data: [*map(Supply.from_json, data)],
        ),
    ],
)
def test_facts_of_each_kind_are_the_same_after_they_were_on_disk(
    work_out: Callable[[ast.Module], Any], to_json: Callable[[Any], Any], from_json: Callable[[Any], Any]
) -> None:
    """What is read from a module is equal to what is read back from JSON."""
    found = work_out(ast.parse(_GIVING))

    assert found
    assert found == from_json(json.loads(json.dumps(to_json(found))))


def test_compared_texts_are_found_with_what_they_are_compared_with() -> None:
    """A text on either side of a comparison, also in a tuple, has the name by which the other side is read."""
    found = Comparisons.of_module(ast.parse(_GIVING))

    assert {("mode", "fast"), ("mode", "slow"), ("mode", "safe"), ("kind", "plain")} == found.values
    assert {"fast", "plain"} == found.texts


def test_keys_that_code_adds_to_a_whole_config_are_kept(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second call parses nothing for them: those of the command line, of the config, and those that are computed."""
    module.write_text(
        'sys.argv.append(f"+root={here}")\n\n\ndef work(cfg, key):\n    with open_dict(cfg):\n'
        "        cfg.width = 3\n        cfg[key] = 4\n        setattr(cfg, 'net', None)\n"
    )

    def found() -> list[bool]:
        code = Additions(ProjectModules(lambda: [module], lambda _: None, FactCache()), lambda: ())
        asked = [code.sets(name) for name in ("root", "width", "depth")]
        return [*asked, code.sets_computed_keys(), code.replaces("net")]

    first = found()
    monkeypatch.setattr(ast, "parse", None)

    assert [True, True, False, True, True] == first == found()
