"""Which keys of its configs a project's code reads."""

from __future__ import annotations

import ast

import pytest

from serotiny.compiler.project_code.config_use import ConfigUse


@pytest.mark.parametrize(
    ("statement", "is_read", "is_asked"),
    [
        ("steps = cfg.profiler.steps", True, False),
        ("steps = self.config.profiler['steps']", True, False),
        ("steps = OmegaConf.select(cfg.profiler, 'steps')", True, False),
        ("steps = OmegaConf.select(cfg, 'run.profiler.steps')", True, False),
        ("part = cfg.profiler\n    steps = part.get('steps', 3)", True, False),
        ("steps = profiler_cfg.steps", True, False),
        ("steps = self.profiler_cfg.steps", True, False),
        ("if cfg.profiler.get('steps'):\n        return 1", True, True),
        ("return 1 if cfg.profiler.steps is None else 2", True, True),
        ("steps = cfg.trainer.steps", False, False),
        ("steps = self.steps", False, False),
        ("cfg.profiler.start(steps=3)", False, False),
    ],
)
def test_key_is_read_by_its_own_name_and_that_of_its_node(
    statement: str, is_read: bool, is_asked: bool
) -> None:
    """However the code gets at it; what a condition depends on may be left open in the config."""
    found = ConfigUse.of_module(ast.parse(f"def work(self, cfg, profiler_cfg):\n    {statement}\n"))

    assert (is_read, is_asked) == (("profiler", "steps") in found.read, ("profiler", "steps") in found.asked)


@pytest.mark.parametrize(
    ("statement", "is_expected"),
    [
        ("return cb_conf.steps is None", True),
        ("off = cfg.profiler.get('steps') is not None", True),
        ("return self.steps is None", False),
        ("return cb_conf.steps == 0", False),
    ],
)
def test_key_may_be_null_of_which_code_asks_whether_it_is(statement: str, is_expected: bool) -> None:
    """It need not be within an `if`, nor be read of the node by its name."""
    found = ConfigUse.of_module(ast.parse(f"def is_off(self, cfg, cb_conf):\n    {statement}\n"))

    assert is_expected == ("steps" in found.unset)


@pytest.mark.parametrize(
    ("statement", "is_made"),
    [
        ("instantiate(cfg.run.profiler)", True),
        ("instantiate(cfg.run)", True),
        ("instantiate(cfg.model)", False),
        ("instantiate(cfg)", False),  # any node may be in the variable
    ],
)
def test_node_is_made_with_what_is_around_it(statement: str, is_made: bool) -> None:
    """An argument of a node that is instantiated is instantiated with it."""
    found = ConfigUse.of_module(ast.parse(f"def work(cfg):\n    return {statement}\n"))

    assert is_made == found.makes(("run", "profiler"))
    assert ("cfg.run.profiler" in statement) == found.makes_itself(("run", "profiler"))


@pytest.mark.parametrize(
    ("statement", "is_unread"),
    [
        ("net = instantiate(cfg.run.rollout.tasks)", True),
        ("print(OmegaConf.to_yaml(cfg), cfg.rollouts)", True),
        ("inner(cfg, cfg.seed)", True),
        ("inner(cfg.seed, **inner_args)", True),
        ("pass", False),
        ("print(OmegaConf.to_yaml(cfg))", False),
        ("cfg.folder", True),
        ("other(cfg)", False),
        ("other(config=cfg)", False),
        ("OmegaConf.to_container(cfg, resolve=True)", False),
        ("OmegaConf.resolve(cfg)", False),
        ("OmegaConf.to_container(cfg.base, resolve=True)", True),
        ("OmegaConf.to_container(cfg.run, resolve=True)", False),
        ("Path(cfg.folder_of_runs).resolve()", True),
        ("instantiate(cfg.run.rollout)", False),
        ("instantiate(cfg.run)", False),
        ("instantiate(cfg)", False),
        ("inner(**cfg.run)", False),
        ("[part for part in cfg.run.rollout.values()]", False),
        ("rollout = cfg.run.rollout\n    inner(rollout.folder)", False),
        ("part = pick(cfg)\n    inner(part.folder)", False),
    ],
)
def test_value_is_unread_where_the_module_is_seen_to_do_nothing_with_it(
    statement: str, is_unread: bool
) -> None:
    """What hands the whole config on, resolves it, takes a node whole or is seen to read nothing may read anything of it."""
    source = f"def inner(cfg): ...\n\n\ndef work(cfg):\n    {statement}\n"

    assert is_unread == ConfigUse.of_module(ast.parse(source)).leaves_unread(("run", "rollout", "folder"))


@pytest.mark.parametrize(
    ("statement", "calls", "is_unread"),
    [
        ("instantiate(cfg.steps)", "work(cfg)", True),
        ("hydra.utils.call(cfg.steps)", "work(cfg)", True),
        ("own(**cfg.steps)", "work(cfg)", True),
        ("instantiate(cfg.base.steps)", "work(cfg)", False),
        ("instantiate(cfg.base)", "work(cfg)", False),
        ("instantiate(cfg.steps)", "work(cfg.base)", False),
        ("instantiate(cfg.steps)", "work(other)", False),
        ("cfg = cfg.base\n    instantiate(cfg.steps)", "work(cfg)", False),
        ("steps_cfg = cfg.base.steps\n    instantiate(steps_cfg)", "work(cfg)", False),
    ],
)
def test_copy_of_a_node_that_the_script_takes_from_the_top_is_unread(
    statement: str, calls: str, is_unread: bool
) -> None:
    """Where it is certain that the script's function has the whole config, keys count from there."""
    source = (
        f"import hydra\n\n\ndef work(cfg):\n    {statement}\n\n\n"
        f"@hydra.main(config_path='conf', config_name='start')\ndef main(cfg):\n    print(cfg.seed)\n    {calls}\n"
    )

    assert is_unread == ConfigUse.of_module(ast.parse(source)).leaves_unread(("base", "steps", 0, "rate"))


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("if is_net(cfg):\n        trainer = instantiate(cfg.trainer)", True),
        (
            "if is_net(cfg):\n        pass\n    else:\n        with quiet():\n            instantiate(cfg.trainer)",
            True,
        ),
        ("if is_net(cfg):\n        instantiate(cfg.trainer)\n    instantiate(cfg.trainer, logger=1)", False),
        ("trainer = instantiate(cfg.trainer)", False),
        ("if is_net(cfg):\n        instantiate(cfg.model)", False),
    ],
)
def test_node_that_is_made_only_on_a_condition_is_known(statement: str, expected: bool) -> None:
    """One call without a condition is enough to make it in every job."""
    found = ConfigUse.of_module(ast.parse(f"def work(cfg):\n    {statement}\n"))

    assert expected == found.makes_on_condition(("trainer",))


@pytest.mark.parametrize(
    ("body", "is_made"),
    [
        ("return instantiate(cfg.run.profiler)", True),
        ("return hydra.utils.instantiate(cfg['run'].profiler, steps=3)", True),
        ("return instantiate(cfg.run.profiler, **more)", False),
        ("return instantiate(cfg.run.profiler, *more)", False),
        ("return own.instantiate(cfg.run.profiler)", False),
        ("return instantiate_profiler(cfg.run.profiler)", False),
        ("return instantiate(self.run.profiler)", False),
        ("return instantiate(cfg.get('run').profiler)", False),
        ("if more:\n        return instantiate(cfg.run.profiler)", False),
        ("if more:\n        return None\n    return instantiate(cfg.run.profiler)", False),
        ("return instantiate(cfg.run.profiler) if more else None", False),
        ("if not more:\n        raise ValueError\n    return instantiate(cfg.run.profiler)", True),
        ("cfg = merged(cfg, more)\n    return instantiate(cfg.run.profiler)", False),
    ],
)
def test_node_is_made_in_full_where_all_that_it_is_given_is_seen(body: str, is_made: bool) -> None:
    """By Hydra itself, of the config that the function was given, and whatever else holds."""
    found = ConfigUse.of_module(ast.parse(f"def work(self, cfg, more):\n    {body}\n"))

    assert is_made == (("run", "profiler") in found.made_in_full)
