"""Which nodes of its configs a project's code calls by itself, read from its source."""

from __future__ import annotations

import ast

import pytest

from serotiny.compiler.project_code.called_by_code import (
    asks_for_signatures,
    called_by_code,
    calls_whatever_it_gets,
    looks_up_names,
)


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("def f(cfg):\n    return get_class(cfg.model._target_)(cfg)\n", {("model",)}),
        ("def f(cfg):\n    return hydra.utils.get_method(cfg['a']['b']['_target_'])\n", {("a", "b")}),
        ("def f(cfg):\n    name = cfg.net.get('_target_')\n    return load_class(name)\n", {("net",)}),
        (
            "class A:\n    def f(self):\n        own = {'_target_': self.config.model.net._target_, 'x': 1}\n"
            "        return instantiate(own, config=self.config)\n",
            {("model", "net")},
        ),
        ("def f(cfg):\n    return instantiate(dict(_target_=getattr(cfg.net, '_target_')))\n", {("net",)}),
        (
            "def f(cfg):\n    made = {}\n    names = cfg.net['_target_']\n"
            "    made['_target_'] = names[0]\n    return instantiate(made)\n",
            {("net",)},
        ),
        ("def f(cfg, own):\n    own._target_ = cfg.net._target_\n", {("net",)}),
        ("def f(cfg):\n    cfg.net._target_ = 'torch.nn.ReLU'\n", set()),
        ("def f(cfg):\n    return 'x' in cfg.net._target_ or print(cfg.net._target_)\n", set()),
        ("def f(cfg):\n    return get_class(cfg._target_)\n", {()}),
    ],
)
def test_node_of_which_code_takes_the_target_alone_is_known(source: str, paths: set[tuple[str, ...]]) -> None:
    """Loading what a path names counts, and a node made with it; looking at the text does not.

    The path of the whole config is empty.
    """
    assert paths == set(called_by_code(ast.parse(source)))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(cfg):\n    return get_class(cfg._target_)(cfg)\n", True),
        ("@cache\ndef f(cfg):\n    return get_class(cfg._target_)(cfg)\n", True),
        ("@hydra.main(None, 'fit')\ndef f(cfg):\n    return get_class(cfg._target_)(cfg)\n", False),
        ("def f(cfg):\n    return get_class(cfg.net._target_)(cfg)\n", False),
    ],
)
def test_script_that_loads_the_class_of_its_config_does_not_do_so_for_a_node_inside(
    source: str, expected: bool
) -> None:
    """What `hydra.main` gives to a function is the whole config; any other function may get any node."""
    assert expected == calls_whatever_it_gets(ast.parse(source))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(cfg):\n    return getattr(torch.optim, cfg['_target_'])(**cfg)\n", True),
        ("def f(cfg):\n    name = cfg.get('_target_')\n    return getattr(optim, name)()\n", True),
        ("def f(cfg):\n    return getattr(cfg, '_target_')\n", False),
        ("def f(cfg):\n    return cfg._target_, getattr(cfg, cfg.name)\n", False),
    ],
)
def test_code_that_takes_targets_for_names_in_a_module_is_known(source: str, expected: bool) -> None:
    """It reads `Adam` where Hydra wants `torch.optim.Adam`."""
    assert expected == looks_up_names(ast.parse(source))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(cfg):\n    known = inspect.signature(load(cfg['_target_'])).parameters\n", True),
        ("def f(cfg):\n    return getfullargspec(get_class(cfg._target_)).args\n", True),
        (
            "def f(cfg):\n    return get_class(cfg._target_)(**cfg)\ndef g(x):\n    return signature(x)\n",
            False,
        ),
        ("def f(cfg):\n    return inspect.signature(f)\n", False),
    ],
)
def test_code_that_asks_what_a_target_takes_is_known(source: str, expected: bool) -> None:
    """One function does both: it gets a node, and looks up the parameters of its target."""
    assert expected == asks_for_signatures(ast.parse(source))
