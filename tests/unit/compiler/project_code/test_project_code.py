"""What is asked of a project's code about one key says nothing of a key of the same name elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.compiler.project_code.modules import ProjectModules
from serotiny.compiler.project_code.project_code import ProjectCode
from serotiny.compiler.syntax.resolvers import is_registered


def test_same_name_is_told_apart_by_its_place(tmp_path: Path) -> None:
    """A key that code removes from one node stays in another one, in whatever order the two are asked about."""
    module = tmp_path / "train.py"
    module.write_text('def f(cfg):\n    cfg.model.pop("path")\n')
    places = [("data", "path"), ("model", "path"), ("data", "path"), ("model", "width")]
    code = ProjectCode(ProjectModules(lambda: [module], lambda _: None))

    assert [False, True, False, False] == [code.removals.takes_out(keys) for keys in places]


def test_key_that_another_module_names_may_be_any_one_of_its_node(tmp_path: Path) -> None:
    """The module that removes it need not have the key itself."""
    module = tmp_path / "train.py"
    module.write_text("def f(cfg, net):\n    cfg.model.pop(net.KEY, None)\n")
    code = ProjectCode(ProjectModules(lambda: [module], lambda _: None))

    assert [True, False] == [code.removals.takes_out(keys) for keys in (("model", "path"), ("data", "path"))]


def _code(folder: Path, text: str) -> ProjectCode:
    module = folder / "train.py"
    module.write_text(text)
    return ProjectCode(ProjectModules(lambda: [module], lambda _: None))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AcceleratorRegistry.register('own', Own)\n", True),
        ("registry.register(name='own', kind=Own)\n", True),
        ("print('own')\n", False),
        ("register = 'own'\n", False),
    ],
)
def test_name_that_code_puts_into_a_registry_is_found(tmp_path: Path, text: str, expected: bool) -> None:
    """By the call that does so, whatever the registry."""
    assert expected == _code(tmp_path, text).words.registers("own")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cfg.width == 'auto'\n", True),
        ("'auto' != cfg['width']\n", True),
        ("cfg.get('width', None) not in [None, 'auto']\n", True),
        ("cfg.depth == 'auto'\n", False),
        ("width = 'auto'\n", False),
    ],
)
def test_text_that_code_compares_with_a_key_of_this_name_is_found(
    tmp_path: Path, text: str, expected: bool
) -> None:
    """It is a word that the code knows for the key."""
    assert expected == _code(tmp_path, text).words.compares_value("width", "auto")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(cfg, part):\n    setattr(cfg, part, OmegaConf.merge(load(), getattr(cfg, part)))\n", True),
        ("def f(cfg):\n    cfg.model = OmegaConf.load('old.yaml').model\n", True),
        ("def f(cfg):\n    cfg.data = OmegaConf.load('old.yaml').data\n", False),
        ("def f(net, part):\n    setattr(net, part, 1)\n", False),
        ("def f(cfg: DictConfig):\n    hparams['model'] = cfg['model']\n", False),
    ],
)
def test_part_that_code_may_replace_is_found(tmp_path: Path, text: str, expected: bool) -> None:
    """By its own name, or by one that is computed."""
    assert expected == _code(tmp_path, text).additions.replaces("model")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from absent.setup import register_resolvers\n\nregister_resolvers()\n", True),
        ("from absent import utils\n\n\n@utils.custom_resolvers(root='.')\ndef main(cfg): ...\n", True),
        ("import absent.setup as setup\n\nsetup.register_resolvers()\n", True),
        ("from absent import utils\n\nutils.register()\n", False),
        ("from installed import register_resolvers\n\nregister_resolvers()\n", False),
        ("from train import register_resolvers\n\nregister_resolvers()\n", False),
        ("from omegaconf import OmegaConf\n\nOmegaConf.register_new_resolver('twice', str)\n", False),
    ],
)
def test_any_resolver_may_be_one_that_a_package_without_source_registers(
    tmp_path: Path, text: str, expected: bool
) -> None:
    """By the name of the function that a module has from it."""
    module = tmp_path / "train.py"
    module.write_text(text)
    installed = {"installed": tmp_path / "installed.py"}
    code = ProjectCode(ProjectModules(lambda: [module], installed.get))

    assert expected == is_registered("half", code.resolvers.registered())
