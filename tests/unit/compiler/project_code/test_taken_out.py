"""Which keys a project's code takes out of its configs, read from its source."""

from __future__ import annotations

import ast

import pytest

from serotiny.compiler.project_code.taken_out import taken_out

EVERYWHERE = """
def clean(cfg):
    for k, v in cfg.items():
        clean(v)
        if k == "_aux":
            del cfg[k]
"""
PREFIXED = """
def clean(cfg):
    for k in list(cfg):
        if k.startswith("_my_"):
            cfg.pop(k)
"""
COMPREHENSION = """
def build(callback_cfg):
    return instantiate({k: v for k, v in callback_cfg.items() if k not in ("disable", "order")})
"""
KEPT = """
def main(config):
    return train(kept(config, lambda k: not k.startswith("__")), key=lambda path: path != "notes")
"""
LOOP = """
def build(config):
    for name in ["paths", "notes"]:
        config.pop(name, None)
"""
COPIED = """
META = {"order", "notes"}

def strip(env_cfg):
    data = OmegaConf.to_container(env_cfg, resolve=True)
    for key in META:
        data.pop(key, None)
    return data
"""


@pytest.mark.parametrize(
    ("source", "keys", "is_taken"),
    [
        (COPIED, ("environments", "notes"), True),
        (COPIED.replace("env_cfg", "batch"), ("environments", "notes"), False),
        (EVERYWHERE, ("model", "parts", "_aux"), True),
        (EVERYWHERE, ("model", "aux"), False),
        (PREFIXED, ("model", "_my_note"), True),
        (PREFIXED, ("model", "my_note"), False),
        (COMPREHENSION, ("callbacks", "early", "disable"), True),
        (COMPREHENSION, ("callbacks", "early", "patience"), False),
        (LOOP, ("data", "notes"), True),
        (KEPT, ("data", "__length"), True),
        (KEPT, ("data", "_length"), False),
        (KEPT, ("data", "notes"), False),
        ('def f(cfg):\n    cfg.model.pop("path")\n', ("model", "path"), True),
        ('def f(cfg):\n    cfg.model.pop("path")\n', ("data", "path"), False),
        ("def f(cfg, net):\n    cfg.model.pop(net.KEY, None)\n", ("model", "path"), True),
        ("def f(cfg, net):\n    cfg.model.pop(net.KEY, None)\n", ("data", "path"), False),
        ("def f(cfg, net):\n    cfg.pop(net.KEY)\n", ("model", "path"), False),
        ("def f(batch, net):\n    batch.model.pop(net.KEY)\n", ("model", "path"), False),
        ("def f(cb_conf):\n    del cb_conf.disable\n", ("callbacks", "early", "disable"), True),
        ('def f(batch):\n    batch.pop("width")\n', ("model", "width"), False),
        ('def f(kwargs):\n    kwargs.pop("_aux", None)\n', ("model", "_aux"), True),
    ],
)
def test_key_that_code_takes_out_is_known(source: str, keys: tuple[str, ...], is_taken: bool) -> None:
    """By name, by its beginning, in a loop or a comprehension; what is no config has no keys of one."""
    assert is_taken == any(found.reaches(keys) for found in taken_out(ast.parse(source)))


LISTED = """
IGNORED = ("order",)

def build(logger_config):
    extra = ["enabled"]
    for key in extra:
        logger_config.mlflow.pop(key, None)
    return instantiate({k: v for k, v in logger_config.items() if k not in IGNORED})
"""


@pytest.mark.parametrize(
    ("keys", "is_taken"),
    [
        (("logger", "mlflow", "enabled"), True),
        (("logger", "order"), True),
        (("logger", "mlflow", "x"), False),
    ],
)
def test_key_that_stands_in_a_list_is_known(keys: tuple[str, ...], is_taken: bool) -> None:
    """A list of the function, or of the module, is gone through where it is named."""
    assert is_taken == any(found.reaches(keys) for found in taken_out(ast.parse(LISTED)))


@pytest.mark.parametrize("asked", ["spec.pop('_target_', None)", "spec['_target_']", "spec.get('_target_')"])
def test_what_a_target_is_read_from_is_a_config(asked: str) -> None:
    """Whatever the variable is called."""
    source = f"def build(spec):\n    hours = spec.pop('hours')\n    {asked}\n"

    assert any(found.reaches(("sources", "hours")) for found in taken_out(ast.parse(source)))
    assert not any(
        found.reaches(("sources", "hours")) for found in taken_out(ast.parse(source.replace("_target_", "x")))
    )


@pytest.mark.parametrize(
    "of", ["cfg.solver", "OmegaConf.to_container(cfg.solver, resolve=True)", "dict(cfg.solver)"]
)
def test_key_that_is_left_out_of_a_copy_is_taken_out(of: str) -> None:
    """What is called has the rest."""
    source = f"def build(cfg):\n    return instantiate({{k: v for k, v in {of}.items() if k != 'name'}})\n"
    [found] = taken_out(ast.parse(source))

    assert [True, False] == [found.reaches(("solver", "name")), found.reaches(("net", "name"))]
