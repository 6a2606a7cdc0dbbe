"""What a project's code gives to nodes that it instantiates, read from its source."""

from __future__ import annotations

import ast

import pytest

from serotiny.compiler.project_code.supplies import root_keys, supplies


@pytest.mark.parametrize(
    ("call", "keys", "is_left"),
    [
        (
            "instantiate(cfg.model.encoder, _recursive_=False)",
            ("model", "encoder", "kernels", "Linear"),
            True,
        ),
        ("instantiate(model_cfg.model.encoder, _recursive_=False)", ("model", "encoder", "kernels"), True),
        ("instantiate(cfg.model.encoder, _recursive_=False)", ("model", "encoder"), False),
        ("instantiate(cfg.model.encoder, _recursive_=False)", ("model", "decoder", "kernels"), False),
        ("instantiate(cfg.model.encoder, _recursive_=True)", ("model", "encoder", "kernels"), False),
        ("instantiate(cfg.model.encoder, _recursive_=is_deep)", ("model", "encoder", "kernels"), True),
        ("instantiate(self.encoder_cfg, _recursive_=False)", ("model", "encoder", "kernels"), True),
        ("instantiate(self.encoder_cfg, _recursive_=False)", ("model", "encoder_cfg", "kernels"), True),
        ("instantiate(encoder_cfg, _recursive_=False)", ("model", "encoder_cfg", "kernels"), True),
        ("instantiate(self.cfg, _recursive_=False)", ("model", "cfg", "kernels"), False),
    ],
)
def test_what_stands_in_a_node_that_is_not_gone_into_is_left(
    call: str, keys: tuple[str, ...], is_left: bool
) -> None:
    """`_recursive_=False` leaves all that is below the node, and not the node itself, to other code."""
    found = [*supplies(ast.parse(f"def build(self, cfg, model_cfg, encoder_cfg):\n    return {call}\n"))]

    assert is_left == any(supply.spares(keys) for supply in found)


def test_partial_may_be_given_anything() -> None:
    """`_partial_=True` in the call leaves every parameter to whoever calls what comes of it."""
    [found] = supplies(ast.parse("def build(cfg):\n    return instantiate(cfg.kernel, _partial_=True)\n"))

    assert found.is_open


@pytest.mark.parametrize(
    ("statement", "keys", "is_given"),
    [
        ("cfg.model.net['width'] = 3", ("model", "net", "width"), True),
        ("cfg.model.net.width = 3", ("model", "net", "width"), True),
        ("model_cfg.width = 3", ("model", "width"), True),
        ("OmegaConf.update(cfg, 'model.net.width', 3)", ("model", "net", "width"), True),
        ("cfg.model.net['width'] = 3", ("data", "net", "width"), False),
        ("cfg.model.net['width'] = 3", ("model", "net", "depth"), False),
        ("net = self.model\n    net.width = 3", ("model", "width"), False),
        ("cfg.width = 3", ("model", "width"), False),
        ("cfg.width = list(cfg.width.values())", ("model", "width"), True),
        ("cfg.width = list(cfg.depth.values())", ("model", "width"), False),
    ],
)
def test_key_that_is_assigned_is_given(statement: str, keys: tuple[str, ...], is_given: bool) -> None:
    """A script fills in what it knows only once the data are there; what is no config is none of its keys.

    What changes the form of a value may be given any part of a config.
    """
    found = [*supplies(ast.parse(f"def build(self, cfg, model_cfg):\n    {statement}\n"))]

    assert is_given == any(supply.reaches(keys[:-1]) and keys[-1] in supply.names for supply in found)


@pytest.mark.parametrize(
    ("annotation", "is_given"),
    [("DictConfig", True), ("Optional[DictConfig]", True), ("nn.Module", False)],
)
def test_parameter_that_is_annotated_as_a_config_is_the_node_of_its_name(
    annotation: str, is_given: bool
) -> None:
    """Another function of the module may be given the same node without an annotation."""
    source = f"""
class Policy:
    def __init__(self, decoder: {annotation}):
        self.fill(decoder)

    def fill(self, decoder):
        decoder.width = 3
"""
    found = [*supplies(ast.parse(source))]

    assert is_given == any(
        supply.reaches(("model", "decoder")) and "width" in supply.names for supply in found
    )


@pytest.mark.parametrize(
    ("kept", "keys", "is_given"),
    [
        ("hparams", ("model", "hparams", "optim"), True),
        ("head: DictConfig", ("model", "head", "optim"), True),
        ("head: DictConfig", ("model", "hparams", "optim"), False),
        ("head: nn.Module", ("model", "head", "optim"), False),
    ],
)
def test_config_that_an_object_keeps_by_another_name_is_the_one_it_was_given(
    kept: str, keys: tuple[str, ...], is_given: bool
) -> None:
    """`self.hp = hparams` keeps a whole one, in which another method finds the node that it makes."""
    source = f"""
class Net:
    def __init__(self, {kept}):
        self.hp = {kept.partition(":")[0]}

    def configure(self, rate):
        return instantiate(self.hp.optim, lr=rate)
"""
    found = [*supplies(ast.parse(source))]

    assert is_given == any(supply.reaches(keys) and "lr" in supply.names for supply in found)


@pytest.mark.parametrize(
    ("given", "names"),
    [('{"width": 3, "depth": 2}', {"width", "depth"}), ("dict(width=3)", {"width"}), ("width", set[str]())],
)
def test_mapping_that_a_call_gives_is_merged_into_the_node_of_its_name(given: str, names: set[str]) -> None:
    """Hydra merges the arguments of the call into the config before it makes what is in it."""
    found = [*supplies(ast.parse(f"def build(cfg, width):\n    instantiate(cfg.model, net={given})\n"))]

    assert names == {name for supply in found if supply.path == ("model", "net") for name in supply.names}


def test_key_of_a_whole_config_that_is_assigned_is_known() -> None:
    """Attributes of anything else are none of the config's."""
    source = (
        "def main(cfg):\n    cfg.name = 1\n    cfg['seed'] = 2\n    cfg.model.width = 3\n    self.other = 4\n"
    )

    assert {"name", "seed"} == {*root_keys(ast.parse(source))}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("OmegaConf.update(cfg, 'sizes.width', 3)", "sizes"),
        ("OmegaConf.update(cfg, found.name, 3)", None),
        ("cfg[found.name] = 3", None),
        ("setattr(cfg, found.name, 3)", None),
    ],
)
def test_key_of_a_whole_config_that_a_call_gives_is_known_unless_it_is_computed(
    statement: str, expected: str | None
) -> None:
    """A name that only a running job knows may be that of any key."""
    source = f"def main(cfg):\n    {statement}\n"

    assert [expected] == [*root_keys(ast.parse(source))]
