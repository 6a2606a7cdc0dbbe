"""What is asked of a project's code about one key says nothing of a key of the same name elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.compiler.project.entry_points import find_entry_points
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
        ("cfg.widths.split(',')\n", True),
        ("[int(x) for x in widths.split()]\n", True),
        ("cfg['widths'].strip()\n", True),
        ("cfg.widths.split(2)\n", False),
        ("cfg.depths.split(',')\n", False),
        ("cfg.widths.append('x')\n", False),
    ],
)
def test_key_of_which_code_calls_a_method_of_texts_is_one(tmp_path: Path, text: str, expected: bool) -> None:
    """A tensor is split as well, but at a number."""
    assert expected == _code(tmp_path, text).words.reads_as_text("widths")


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
        ("def trainer(cfg):\n    cfg.callbacks = [*cfg.callbacks.values()]\n", True),
        ("def trainer(cfg):\n    cfg['callbacks'] = None\n", True),
        ("def trainer(self):\n    self.callbacks = None\n", False),
        ("def trainer(net):\n    net.callbacks = None\n", False),
        ("@hydra.main(config_name='train')\ndef main(cfg):\n    cfg.callbacks = None\n", False),
    ],
)
def test_key_that_a_function_sets_in_what_it_is_given_is_found(
    tmp_path: Path, text: str, expected: bool
) -> None:
    """A function may be given any part of a config, a script the whole of it."""
    assert expected == _code(tmp_path, text).additions.assigns("callbacks")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("made.keywords.update({'ids': [3]})\n", True),
        ("made.keywords['ids'] = [3]\n", True),
        ("made.keywords['names'] = [3]\n", False),
        ("made['ids'] = [3]\n", False),
    ],
)
def test_argument_that_code_adds_to_a_partial_is_found(tmp_path: Path, text: str, expected: bool) -> None:
    """The call need not give it any more."""
    assert expected == _code(tmp_path, text).additions.completes_partials("ids")


MAIN = "import hydra\nfrom hydra.utils import instantiate\n\n\n@hydra.main('conf', '{}')\ndef main(cfg):\n    {}\n"


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        ("print(cfg.model.net.width, cfg['model'].get('rate'))", True),
        ("build(cfg.model)", False),
        ("instantiate(cfg.model)", False),
        ("build(cfg.get('model'))", False),
        ("self.model = build(cfg.old.model)", True),
    ],
)
def test_node_is_made_elsewhere_where_a_script_reads_no_more_than_parts_of_it(
    tmp_path: Path, reads: str, expected: bool
) -> None:
    """Another script makes it, with what it adds."""
    (tmp_path / "train.py").write_text(MAIN.format("train", "instantiate(cfg.model, net=net)"))
    (tmp_path / "predict.py").write_text(MAIN.format("predict", reads))
    (tmp_path / "conf").mkdir()
    files = [tmp_path / "train.py", tmp_path / "predict.py"]
    points = find_entry_points(tmp_path)
    code = ProjectCode(ProjectModules(lambda: files, lambda _: None), points=lambda: points)

    assert expected == code.making.is_made_elsewhere(("model",), "predict")
    assert not code.making.is_made_elsewhere(("model",), "train")
    assert not code.making.is_made_elsewhere(("model",), "other")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("test_cfg = hydra.compose(config_name=name)\n    cfg.merge_with(test_cfg)", (True, False)),
        ("return OmegaConf.merge(load(), hydra.compose(config_name=name))", (False, False)),
        ("cfg = hydra.compose(config_name=name)\n    return OmegaConf.merge(load(), cfg)", (True, False)),
        ("cfg = hydra.compose(config_name=name)\n    return OmegaConf.merge({'a': 3}, cfg)", (False, False)),
        ("return OmegaConf.merge(load(), cfg)", (True, True)),
        ("oldcfg = OmegaConf.load(file)\n    return OmegaConf.merge(oldcfg, newcfg)", (True, True)),
    ],
)
def test_config_that_code_merges_with_another_is_not_whole(
    tmp_path: Path, text: str, expected: tuple[bool, bool]
) -> None:
    """What a module composes and merges is no config of a script; what it is given may be."""
    setup = "hydra.initialize('conf')\n    " if "compose" in text else ""
    (tmp_path / "old.py").write_text(f"import hydra\n\n\ndef load_config(cfg, name):\n    {setup}{text}\n")
    (tmp_path / "train.py").write_text(MAIN.format("train", "instantiate(cfg.model)"))
    files = [tmp_path / "old.py", tmp_path / "train.py"]
    points = find_entry_points(tmp_path)
    code = ProjectCode(ProjectModules(lambda: files, lambda _: None), points=lambda: points)

    assert expected == (code.additions.merges("test"), code.additions.merges("train"))


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
