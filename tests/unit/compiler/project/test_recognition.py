"""How a project is laid out, told from what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.compiler.project import Project, find_project

MAIN = '@hydra.main(config_path="configs", config_name="{}")\ndef main_{}(cfg): ...\n'
OF_TEMPLATE = ("train", "eval", "data/a", "model/a", "trainer/a", "callbacks/a", "logger/a", "paths/a")


def project(root: Path, *configs: str, scripts: tuple[str, ...] = ()) -> Project:
    for name in configs:
        path = root / "configs" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (root / "main.py").write_text("import hydra\n" + "".join(MAIN.format(name, name) for name in scripts))
    return find_project(root)


@pytest.mark.parametrize(
    ("configs", "scripts", "layout", "operations"),
    [
        (OF_TEMPLATE, (), "lightning-hydra-template", {"train": "train", "test": "eval"}),
        (OF_TEMPLATE, ("train", "eval"), "lightning-hydra-template", {"train": "train", "test": "eval"}),
        (("train", "model/a", "data/a", "trainer/callbacks/a"), (), "serotiny", None),
        (("model/default",), (), "serotiny", None),
        (("model/a", "data/a"), (), "serotiny", None),
        (("model/a",), (), "hydra", {}),
        (("config", "model/a"), (), "hydra", {}),
        (("train", "model/a"), ("train",), "hydra", {}),
        ((*OF_TEMPLATE, "trainer/callbacks/a"), (), "serotiny", None),
        (("nets/big",), (), "hydra", {}),
        (("train", "predict", "nets/big"), (), "hydra", {}),
    ],
)
def test_layout_is_told_from_folders_and_scripts(
    tmp_path: Path,
    configs: tuple[str, ...],
    scripts: tuple[str, ...],
    layout: str,
    operations: dict[str, str] | None,
) -> None:
    """A folder of serotiny's own, one of the template's shape, and what only Hydra knows."""
    found = project(tmp_path, *configs, scripts=scripts)

    own = {name: name for name in ("train", "test", "predict")}
    assert (layout, own if operations is None else operations) == (found.layout.name, found.operations)


@pytest.mark.parametrize(("folder", "layout"), [("", "hydra"), ("tests", "serotiny")])
def test_code_that_composes_from_a_folder_has_a_layout_of_its_own(
    tmp_path: Path, folder: str, layout: str
) -> None:
    """Whatever its groups are called; that tests compose from it says nothing."""
    (tmp_path / folder).mkdir(exist_ok=True)
    conf = "../configs" if folder else "configs"
    (tmp_path / folder / "start.py").write_text(
        "from hydra import compose, initialize\n"
        f"def start(config_path='{conf}', config_name='train'):\n"
        "    with initialize(config_path=config_path):\n        return compose(config_name)\n"
    )

    assert layout == project(tmp_path, "train", "model/a", "data/a", "trainer/a").layout.name


@pytest.mark.parametrize(
    ("entries", "is_test"),
    [
        ("[{model: a}, {trainer: a}]", True),
        ("\n  - optional model: null\n  - paths: a\n", False),
        ("\n  - base\n  - paths: a\n", True),
    ],
)
def test_config_that_chooses_no_trainer_is_not_what_a_test_runs(
    entries: str, is_test: bool, tmp_path: Path
) -> None:
    """A script of its own may take all of that from the folder of a run; a config it builds on may choose one."""
    project(tmp_path, *OF_TEMPLATE)
    (tmp_path / "configs/eval.yaml").write_text(f"defaults: {entries}\nmodel_dir: ???\n")

    assert is_test == ("test" in find_project(tmp_path).operations)


def test_template_shape_with_another_wiring_is_not_the_template(tmp_path: Path) -> None:
    """What the script makes its LightningModule of counts more than the names of folders."""
    project(tmp_path, *OF_TEMPLATE, "task/a")
    (tmp_path / "main.py").write_text(
        "import hydra\n"
        '@hydra.main(config_path="configs", config_name="train")\n'
        "def main(cfg):\n"
        "    task = hydra.utils.instantiate(cfg.task, model=hydra.utils.instantiate(cfg.model))\n"
        "    trainer = hydra.utils.instantiate(cfg.trainer)\n"
        "    trainer.fit(task)\n"
    )

    found = find_project(tmp_path)

    assert ("hydra", {}) == (found.layout.name, found.operations)
    assert ("task", "trainer", None) == (
        found.layout_of("train").model,
        found.layout_of("train").trainer,
        found.layout_of("eval").model,
    )


def test_other_name_of_the_data_group_is_taken(tmp_path: Path) -> None:
    """Older copies of the template call it `datamodule`."""
    found = project(tmp_path, "train", "datamodule/a", "model/a", "trainer/a", "callbacks/a", "mlflow/a")

    assert ("lightning-hydra-template", "datamodule", None) == (
        found.layout.name,
        found.layout.data,
        found.layout.mlflow,
    )


def test_folder_that_a_script_names_goes_before_a_usual_name(tmp_path: Path) -> None:
    """`configs` is only guessed where no source says anything."""
    project(tmp_path, "train")
    (tmp_path / "other").mkdir()
    (tmp_path / "main.py").write_text('import hydra\n@hydra.main(config_path="other")\ndef f(cfg): ...\n')

    assert (tmp_path / "other",) == find_project(tmp_path).config_folders


def test_script_whose_configs_cannot_be_told_is_of_another_layout(tmp_path: Path) -> None:
    """A `hydra.main` anywhere says that the project does not run as serotiny runs its own."""
    project(tmp_path, "train", "model/a", "trainer/a")
    (tmp_path / "main.py").write_text("import hydra\n@hydra.main(**settings())\ndef main(cfg): ...\n")

    assert "hydra" == find_project(tmp_path).layout.name


def test_scripts_say_where_the_configs_are_before_tests_do(tmp_path: Path) -> None:
    """The folder of `hydra.main` is taken, the others are named; an option that a test composes is no root."""
    project(tmp_path, "train", "model/a", scripts=("train",))
    other = tmp_path / "tools" / "stored" / "x.yaml"
    other.parent.mkdir(parents=True)
    other.write_text("")
    for number in range(2):
        (tmp_path / f"tools/again{number}.py").write_text(
            "import hydra\nhydra.initialize('stored')\nhydra.compose('model/a')\n"
        )

    found = find_project(tmp_path)

    assert ((tmp_path / "configs",), ("train",)) == (found.config_folders, found.named_roots)


@pytest.mark.parametrize("names", ['"configs/go.yaml"', '"configs", "go", strict=False'])
def test_script_for_an_older_hydra_is_named_with_what_is_read_differently(tmp_path: Path, names: str) -> None:
    """A newer Hydra refuses to start the script, and would find its options elsewhere."""
    project(tmp_path, "go", scripts=())
    (tmp_path / "run.py").write_text(f"import hydra\n@hydra.main({names})\ndef main(cfg): ...\n")

    told = find_project(tmp_path).recognised

    assert told is not None
    assert "Hydra before 1.1 does, for which run.py is written" in told


def test_layout_of_a_table_with_roots_alone_is_that_without_the_table(tmp_path: Path) -> None:
    """The scripts tell it, also where a folder has nothing but what serotiny's own may have."""
    before = project(tmp_path, "train", "model/a", scripts=("train",))
    (tmp_path / "pyproject.toml").write_text(
        '[tool.serotiny]\npackage = "study"\nconfig = "configs"\nroots = ["train"]\n'
    )

    assert before.layout == find_project(tmp_path).layout
    assert "hydra" == before.layout.name


def test_other_folders_of_configs_are_named(tmp_path: Path) -> None:
    """One is taken, and one line says which, and how to take another."""
    project(tmp_path, "train", scripts=("train",))
    (tmp_path / "planning").mkdir()
    (tmp_path / "planning/run.py").write_text(
        'import hydra\n@hydra.main(config_path="settings", config_name="go")\ndef main(cfg): ...\n'
    )
    (tmp_path / "planning/settings").mkdir()

    assert (tmp_path / "planning/settings",) == find_project(tmp_path).other_folders


@pytest.mark.parametrize(
    ("started_in", "taken"),
    [
        (".", "configs"),
        ("planning", "planning/settings"),
        ("planning/tools", "planning/settings"),
        ("tests", "configs"),
        ("by_hand", "by_hand/conf"),
        ("examples/tiny", "examples/tiny"),
    ],
)
def test_folder_of_configs_nearest_to_where_a_command_starts_is_taken(
    started_in: str, taken: str, tmp_path: Path
) -> None:
    """An example of a repository has configs of its own, which a script names, or which lie in the usual folder."""
    (tmp_path / ".git").mkdir()
    project(tmp_path, "train", scripts=("train", "eval"))
    for folder in ("planning/settings", "planning/tools", "tests", "by_hand/conf"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    (tmp_path / "planning/run.py").write_text(
        'import hydra\n@hydra.main(config_path="settings", config_name="go")\ndef main(cfg): ...\n'
    )
    (tmp_path / "by_hand/conf/go.yaml").write_text("width: 3\n")
    (tmp_path / "examples/tiny").mkdir(parents=True)
    (tmp_path / "examples/tiny/run.py").write_text(
        'import hydra\n@hydra.main(config_path=".", config_name="go")\ndef main(cfg): ...\n'
    )
    (tmp_path / "examples/tiny/go.yaml").write_text("width: 3\n")

    assert (tmp_path / taken,) == find_project(tmp_path / started_in).config_folders


def test_script_of_an_example_shows_that_its_configs_are_in_no_layout_of_serotiny(tmp_path: Path) -> None:
    """Whatever the names of its configs and groups are."""
    (tmp_path / ".git").mkdir()
    example = tmp_path / "examples/tiny"
    for name, text in {
        "src/train.py": 'import hydra\n@hydra.main(config_path="../conf", config_name="train")\ndef main(cfg): ...\n',
        "conf/train.yaml": "defaults: [base, {model: wide}]\n",
        "conf/base.yaml": "width: 3\n",
        "conf/model/wide.yaml": "_target_: torch.nn.Linear\n",
    }.items():
        (example / name).parent.mkdir(parents=True, exist_ok=True)
        (example / name).write_text(text)

    assert "hydra" == find_project(example).layout.name
    assert "hydra" == find_project(tmp_path, example / "conf").layout.name


def test_folder_that_a_module_composes_from_is_named_beside_that_of_a_script(tmp_path: Path) -> None:
    """The name of the config may be an argument there. What a test composes is not named, nor a part of the first."""
    project(tmp_path, "train", scripts=("train",))
    (tmp_path / "part.py").write_text("import hydra\nhydra.initialize('configs/data')\nhydra.compose('x')\n")
    (tmp_path / "configs/data").mkdir(exist_ok=True)
    for folder in ("lab", "tests"):
        (tmp_path / folder / "settings").mkdir(parents=True)
        (tmp_path / folder / "run.py").write_text(
            "import hydra\nhydra.initialize(config_path='settings')\nhydra.compose(config_name=given)\n"
        )

    assert (tmp_path / "lab/settings",) == find_project(tmp_path).other_folders


@pytest.mark.parametrize(
    ("named", "taken", "told"),
    [
        ((), "jobs/conf/fit", "jobs/conf/tune"),
        (("fit",), "jobs/conf/fit", "jobs/conf/tune"),
        (("tune",), "jobs/conf/tune", "jobs/conf/fit"),
    ],
)
def test_folders_of_which_a_call_names_one_are_found_by_the_config_in_them(
    named: tuple[str, ...], taken: str, told: str, tmp_path: Path
) -> None:
    """They stand side by side, and the script names the config alone: `--config-path conf/fit` chooses one."""
    (tmp_path / ".git").mkdir()
    for folder in ("fit", "tune", "tune/model"):
        (tmp_path / "jobs/conf" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "jobs/conf" / folder / "start.yaml").write_text("width: 3\n")
    for number, arguments in enumerate(["", *(f'config_path="conf/{name}", ' for name in named)]):
        (tmp_path / f"jobs/run{number}.py").write_text(
            f'import hydra\n@hydra.main({arguments}config_name="start")\ndef main(cfg): ...\n'
        )

    found = find_project(tmp_path)

    assert (tmp_path / taken,) == found.config_folders
    assert (tmp_path / told,) == found.other_folders


def test_usual_folder_that_has_the_config_itself_is_one(tmp_path: Path) -> None:
    """Those inside of it that have one of the same name are groups."""
    (tmp_path / ".git").mkdir()
    for folder in ("conf", "conf/model"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "start.yaml").write_text("width: 3\n")
    (tmp_path / "run.py").write_text('import hydra\n@hydra.main(config_name="start")\ndef main(cfg): ...\n')

    assert (tmp_path / "conf",) == find_project(tmp_path).config_folders


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("model:\n  width: 3\n", "hydra"),
        ("model:\n  _target_: study.Net\n", "serotiny"),
        ("defaults:\n  - model: net\n", "serotiny"),
    ],
)
def test_config_that_makes_nothing_is_of_any_program(tmp_path: Path, text: str, layout: str) -> None:
    """Many have a `train.yaml` with a model in it, which their script reads."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs/train.yaml").write_text(text)

    assert layout == find_project(tmp_path).layout.name


@pytest.mark.parametrize(
    ("call", "model"),
    [("predict(env)", "env"), ("predict(env, verbose=0)", "env"), ("predict(env, episodes=3)", None)],
)
def test_loop_of_an_agent_is_none_of_a_trainer(tmp_path: Path, call: str, model: str | None) -> None:
    """It takes what no trainer takes."""
    project(tmp_path, "start")
    (tmp_path / "main.py").write_text(
        "import hydra\nfrom hydra.utils import instantiate\n"
        '@hydra.main(config_path="configs", config_name="start")\n'
        "def main(cfg):\n    agent = instantiate(cfg.agent)\n    env = instantiate(cfg.env)\n"
        f"    agent.{call}\n"
    )

    assert model == find_project(tmp_path).layout_of("start").model


def test_script_that_trains_nothing_has_a_use_of_its_own_for_a_model(tmp_path: Path) -> None:
    """Beside scripts of the template, which train one."""
    project(tmp_path, *OF_TEMPLATE, "export")
    main = '@hydra.main(config_path="configs", config_name="{}")\ndef main(cfg):\n    '
    start = f"import hydra\nfrom hydra.utils import instantiate\n{main}model = instantiate(cfg.model)\n    "
    trained = "trainer = instantiate(cfg.trainer)\n    trainer.fit(model, datamodule=instantiate(cfg.data))\n"
    (tmp_path / "train.py").write_text(start.format("train") + trained)
    (tmp_path / "export.py").write_text(start.format("export") + "save(model)\n")

    found = find_project(tmp_path)

    assert ("model", None) == (found.layout_of("train").model, found.layout_of("export").model)


MADE_OF = """def main(cfg):
    model = instantiate(cfg.net)
{body}    trainer = instantiate(cfg.trainer, callbacks={given})
    trainer.fit(model)
"""


@pytest.mark.parametrize(
    ("body", "given", "expected"),
    [
        ("found = []\nfor _, c in cfg.hooks.items():\n    found.append(instantiate(c))\n", "found", "hooks"),
        ("found = []\nfor c in cfg.a.hooks.values():\n    h = instantiate(c)\n    found.append(h)\n", "found", "a.hooks"),
        ("found = []\nfor c in cfg.hooks:\n    if c:\n        found += [instantiate(cfg.hooks[c])]\n", "found", None),
        ("found = []\nfor c in cfg.hooks:\n    found.append(instantiate(cfg.hooks[c]))\n", "found", "hooks"),
        ("found = [instantiate(c) for c in cfg.hooks.values() if c]\n", "found", "hooks"),
        ("", "[instantiate(c) for c in cfg.hooks]", "hooks"),
        ("", "list(instantiate(cfg.hooks).values())", "hooks"),
        ("found = instantiate(cfg.hooks)\n", "found", "hooks"),
        ("found = instantiate(cfg.hooks)\nfound.append(Own())\n", "found", None),
        ("found = []\nfor c in cfg.hooks:\n    found.append(instantiate(c))\nfound += [Own()]\n", "found", None),
        ("found = []\nfor c in cfg.hooks:\n    found.append(instantiate(c))\nfor c in cfg.more:\n    found.append(instantiate(c))\n", "found", None),
        ("found = []\nfor c in parts:\n    found.append(instantiate(c))\n", "found", None),
        ("found = [own(c) for c in cfg.hooks.values()]\n", "found", None),
        ("found = []\nfor c in cfg.hooks:\n    found.append(c)\n", "found", None),
    ],
)  # fmt: skip
def test_callbacks_that_a_script_gathers_are_found(
    tmp_path: Path, body: str, given: str, expected: str | None
) -> None:
    """In a loop or a list, unless the script adds something to them that it does not make of the same part."""
    project(tmp_path, "start")
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    (tmp_path / "main.py").write_text(
        "import hydra\nfrom hydra.utils import instantiate\n"
        '@hydra.main(config_path="configs", config_name="start")\n' + MADE_OF.format(body=lines, given=given)
    )

    assert expected == find_project(tmp_path).layout_of("start").callbacks


def test_callbacks_that_a_function_of_the_script_gathers_are_found(tmp_path: Path) -> None:
    """The helper calls its own list as the script calls what it returns."""
    project(tmp_path, "start")
    (tmp_path / "main.py").write_text(
        "import hydra\nfrom hydra.utils import instantiate\n"
        "def instantiate_callbacks(parts):\n"
        "    found = []\n    for c in parts.values():\n        found.append(instantiate(c))\n    return found\n"
        '@hydra.main(config_path="configs", config_name="start")\n'
        + MADE_OF.format(body="    found = instantiate_callbacks(cfg.hooks)\n", given="found")
    )

    assert "hooks" == find_project(tmp_path).layout_of("start").callbacks


def test_folder_that_holds_no_config_is_of_no_layout_of_serotinys(tmp_path: Path) -> None:
    """A script may name a package whose configs are stored by code alone."""
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs/__init__.py").write_text("")

    assert "hydra" == project(tmp_path, scripts=("config",)).layout.name


def test_project_declared_as_anothers_that_has_no_config_yet_runs_none(tmp_path: Path) -> None:
    """As before the table was there; serotiny's own operations start from files that it need not have."""
    (tmp_path / "configs").mkdir()
    (tmp_path / "shop").mkdir()
    (tmp_path / "pyproject.toml").write_text(
        '[tool.serotiny]\npackage = "shop"\nconfig = "configs"\nlayout = "hydra"\n'
    )

    assert {} == find_project(tmp_path).operations


def test_what_a_repository_defines_is_trusted_in_its_folders_of_examples_too(tmp_path: Path) -> None:
    """Configs of an example name what lies beside them; the package is still the project's own."""
    for name in ("study/net", "examples/form/agent", "tests/test_net"):
        (tmp_path / f"{name}.py").parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{name}.py").touch()
    (tmp_path / "study/__init__.py").touch()
    project(tmp_path, "go", scripts=("go",))

    found = find_project(tmp_path)

    assert "study" == found.package
    assert {"examples", "tests"} <= set(found.trusted)


def test_folders_that_are_too_many_to_be_checked_together_are_named(tmp_path: Path) -> None:
    """A dozen are taken, those of most scripts first."""
    for number in range(15):
        (tmp_path / f"part{number:02}/conf").mkdir(parents=True)
        (tmp_path / f"part{number:02}/run.py").write_text(
            'import hydra\n@hydra.main(config_path="conf", config_name="go")\ndef main(cfg): ...\n'
        )

    found = find_project(tmp_path)

    assert 12 == len(found.other_folders)
    assert found.recognised is not None
    assert found.recognised.endswith(
        "; there are configs in part13/conf, part14/conf too: name a folder with --config-dir"
    )
