"""Which configs a project's scripts start from, read from their source."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from serotiny.compiler.project.entry_points import EntryPoints, find_entry_points, script_folders
from serotiny.reads import Reads


def read(root: Path, source: str, name: str = "pkg/train.py") -> list[tuple[str | None, str | None]]:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    return [
        (None if point.folder is None else point.folder.relative_to(root).as_posix(), point.config)
        for point in find_entry_points(root)
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('config_path="../conf", config_name="fit.yaml"', ("conf", "fit")),
        ('"../conf", "fit", version_base=None', ("conf", "fit")),
        ("config_path=FOLDER, config_name=NAME", ("configs", "train")),
        ('config_path=str(Path(__file__).parent.parent / "conf"), config_name="a/b"', ("conf", "a/b")),
        ('config_path=str(Path(__file__).parent.joinpath("conf", "a"))', ("pkg/conf/a", None)),
        ('config_path=os.path.join(os.path.dirname(__file__), "conf")', ("pkg/conf", None)),
        ('config_path=os.environ.get("CONFIGS", "../conf"), config_name="fit"', ("conf", "fit")),
        ('config_path=os.path.abspath("conf"), config_name="fit"', ("pkg/conf", "fit")),
        ('config_path=None, config_name="fit"', (None, "fit")),
        ("config_path=where(), config_name=sys.argv[1]", (None, None)),
        ('config_path="pkg://other.conf", config_name="fit"', (None, "fit")),
        ("**GIVEN", ("configs", "fit")),
        ('**dict(config_path="../conf", config_name="fit")', ("conf", "fit")),
        ('config_name="other", **{**GIVEN, "config_name": "x"}', ("configs", "other")),
        ('**GIVEN | {"config_name": "last"}', ("configs", "last")),
        ("**elsewhere()", (None, None)),
    ],
)
def test_main_names_folder_and_config(
    tmp_path: Path, arguments: str, expected: tuple[str | None, str | None]
) -> None:
    """As keywords or by position, as constants or mappings of them, and through the usual ways to write a path."""
    head = 'import os\nimport hydra\nfrom pathlib import Path\nFOLDER = "../configs"\nNAME = "train"\n'
    head += 'GIVEN = {"version_base": None, "config_path": FOLDER, "config_name": "fit"}\n'
    source = f"{head}@hydra.main({arguments})\ndef main(cfg): ...\n"

    assert [expected] == read(tmp_path, source)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('str(ROOT / "conf")', "conf"),
        ('ROOT / "conf" / "fit"', "conf/fit"),
        ('(ROOT / "conf/fit").as_posix()', "conf/fit"),
        ('str(ROOT / "elsewhere")', None),
        ("str(ROOT)", None),
        ('str(here() / "conf")', None),
    ],
)
def test_folder_below_an_imported_path_is_one_of_the_repository(
    tmp_path: Path, written: str, expected: str | None
) -> None:
    """A package that is not there gives the repository's root; it is told by the folder below it, which is there."""
    (tmp_path / "conf" / "fit").mkdir(parents=True)
    (tmp_path / "setup.py").touch()
    source = (
        f"import hydra\nfrom core import ROOT, here\n@hydra.main(config_path={written})\ndef main(cfg): ...\n"
    )

    assert [(expected, None)] == read(tmp_path, source)


@pytest.mark.parametrize(
    "head", ["from own.core import hydra_runner as run\n", "import own\nrun = own.starts\n"]
)
def test_decorator_of_ones_own_names_folder_and_config(tmp_path: Path, head: str) -> None:
    """Where it is given both, and the config is there."""
    (tmp_path / "pkg" / "conf").mkdir(parents=True)
    (tmp_path / "pkg" / "conf" / "fit.yaml").write_text("a: 1\n")
    source = f'{head}@run(config_path="conf", config_name="fit")\ndef main(cfg): ...\n'

    assert [("pkg/conf", "fit")] == read(tmp_path, source)


@pytest.mark.parametrize(
    "decorator",
    [
        '@run(config_path="conf", config_name="other")',
        '@run(config_path="conf")',
        '@run("conf", "fit")',
        '@run(config_path="nowhere", config_name="fit")',
        '@run(config_path=None, config_name="fit")',
    ],
)
def test_decorator_that_names_no_config_that_is_there_is_no_entry_point(
    tmp_path: Path, decorator: str
) -> None:
    """It may take a path to anything else."""
    (tmp_path / "pkg" / "conf").mkdir(parents=True)
    (tmp_path / "pkg" / "conf" / "fit.yaml").write_text("a: 1\n")

    assert [] == read(tmp_path, f"from own import hydra_runner as run\n{decorator}\ndef main(cfg): ...\n")


@pytest.mark.parametrize(
    "source",
    [
        'from hydra import main\n@main(config_path="c", config_name="a")\ndef f(cfg): ...\n',
        'import hydra as h\n@h.main(config_path="c", config_name="a")\ndef f(cfg): ...\n',
        'from hydra import main as start\nrun = start(config_path="c", config_name="a")(print)\n',
        'from hydra import compose, initialize\nwith initialize(config_path="c"):\n    compose("a")\n',
        'import hydra\nhydra.initialize("c")\nhydra.compose(config_name="a.yaml", overrides=[])\n',
        'from hydra.experimental import compose, initialize\ninitialize("c")\ncompose("a")\n',
        'import hydra\ndef f(x, where="c", *, name="a"):\n    hydra.initialize(where)\n    hydra.compose(name)\n',
    ],
)
def test_every_form_of_the_call_is_seen(tmp_path: Path, source: str) -> None:
    """Whatever name the functions were imported under."""
    assert [("pkg/c", "a")] == read(tmp_path, source)


@pytest.mark.parametrize(
    "source",
    [
        'from other import main\n@main(config_path="c", config_name="a")  # no hydra\ndef f(cfg): ...\n',
        "import hydra\ndef f(:\n",
        'import hydra\nfrom other import compose\ncompose("a")\n',
    ],
)
def test_what_is_no_call_of_hydra_is_none(tmp_path: Path, source: str) -> None:
    """A function of that name from elsewhere, and a module that does not parse."""
    assert [] == read(tmp_path, source)


def test_script_says_which_keys_it_makes_its_parts_of(tmp_path: Path) -> None:
    """Through the functions that it calls; a name with two values tells nothing."""
    source = """
import hydra
from hydra.utils import instantiate

def work(cfg):
    net = instantiate(cfg.net)
    module: object = instantiate(cfg["task"], model=net)
    rows = instantiate(cfg.data.module)
    hooks = instantiate_callbacks(cfg.get("callbacks"))
    logger = instantiate(cfg.a)
    logger = instantiate(cfg.b)
    trainer = instantiate(cfg.trainer, callbacks=hooks, logger=logger)
    trainer.fit(module, datamodule=rows)

@hydra.main(config_path="conf", config_name="train")
def main(cfg):
    work(cfg)

@hydra.main(config_path="conf", config_name="other")
def other(cfg):
    print(cfg)
"""
    read(tmp_path, source)
    train, other = find_entry_points(tmp_path)

    expected = {"model": "task", "data": "data.module", "trainer": "trainer", "callbacks": "callbacks"}
    assert expected == train.parts
    assert {} == other.parts


def test_part_that_a_helper_makes_by_hand_is_made_of_no_key(tmp_path: Path) -> None:
    """A helper called `instantiate_…` may call the class itself, which needs no `_target_`; one that asks Hydra needs it."""
    (tmp_path / "making.py").write_text(
        "from hydra.utils import instantiate\n"
        "def instantiate_data(cfg): return Data(cfg.root)\n"
        "def instantiate_model(cfg): return instantiate(cfg, _recursive_=False)\n"
    )
    (tmp_path / "train.py").write_text(
        "import hydra\nfrom hydra.utils import instantiate\nfrom making import instantiate_data, instantiate_model\n"
        '@hydra.main(config_path="conf", config_name="train")\n'
        "def main(cfg):\n"
        "    data = instantiate_data(cfg.data)\n"
        "    model = instantiate_model(cfg.model)\n"
        "    trainer: Trainer = instantiate(cfg.trainer)\n"
        "    trainer.fit(model, datamodule=data)\n"
    )

    (train,) = find_entry_points(tmp_path)

    assert {"model": "model", "trainer": "trainer"} == train.parts


def test_template_of_a_project_is_none_yet(tmp_path: Path) -> None:
    """A folder whose name is filled in when a project is made of it holds texts that may look like scripts."""
    source = 'import hydra\n@hydra.main(config_path="conf", config_name="fit")\ndef main(cfg): ...\n'

    assert [] == read(tmp_path, source, "{{ cookiecutter.name }}/fit.py")


def test_folder_is_followed_through_other_modules(tmp_path: Path) -> None:
    """A constant of another module of the repository, taken by name or through its module."""
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg/__init__.py").write_text("")
    (tmp_path / "pkg/places.py").write_text(
        "from pathlib import Path\nROOT: Path = Path(__file__).resolve().parents[1]\nCONF = ROOT / 'conf'\n"
    )
    source = (
        "import hydra\nfrom pkg import places\nfrom pkg.places import ROOT\n"
        "@hydra.main(config_path=str(places.CONF), config_name='fit')\ndef a(cfg): ...\n"
        "@hydra.main(config_path=str(ROOT / 'other'), config_name='fit')\ndef b(cfg): ...\n"
    )

    assert [("conf", "fit"), ("other", "fit")] == read(tmp_path, source)


def test_package_of_configs_is_their_folder(tmp_path: Path) -> None:
    """`initialize_config_module` names a package, wherever the repository has it."""
    (tmp_path / "src/nets").mkdir(parents=True)
    source = "import hydra\nhydra.initialize_config_module('nets', version_base='1.2')\nhydra.compose('big.yaml')\n"

    assert [("src/nets", "big")] == read(tmp_path, source)


def test_script_of_a_distribution_inside_of_a_repository_imports_that_one(tmp_path: Path) -> None:
    """Which is installed where the script runs."""
    script = tmp_path / "models/net/src/net/train.py"
    script.parent.mkdir(parents=True)
    (tmp_path / "models/net/pyproject.toml").touch()
    script.write_text(
        "import hydra\n@hydra.main(config_path='../../conf', config_name='a')\ndef main(cfg): ..."
    )

    (point,) = find_entry_points(tmp_path)

    assert (tmp_path / "models/net/src", tmp_path / "models/net") == point.import_roots


def test_scripts_of_an_example_are_those_of_its_configs(tmp_path: Path) -> None:
    """Scripts of tests and examples count for configs that no other script starts from."""
    main = "import hydra\n@hydra.main(config_path='{}', config_name='train')\ndef main(cfg): ...\n"
    for name, folder in {
        "examples/tiny/train.py": "conf",
        "examples/run.py": "../conf",
        "run.py": "conf",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(main.format(folder))
    points = find_entry_points(tmp_path)

    assert (tmp_path / "examples" / "tiny",) == script_folders(
        points, [tmp_path / "examples" / "tiny" / "conf"]
    )
    assert (tmp_path,) == script_folders(points, [tmp_path / "conf"])


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ("", "runner/src"),
        ("indicator='here.txt', ", "runner/src"),
        ("indicator=['.git', 'runner.txt'], ", "runner/src runner"),
        ("['runner.txt'], ", "runner/src runner"),
        ("indicator=marks(), ", "runner/src"),
    ],
)
def test_root_that_a_script_sets_up_is_imported_from(tmp_path: Path, marks: str, expected: str) -> None:
    """By the files that it names; and only where it says that the folder is for imports."""
    for name in ("runner/runner.txt", "runner/src/here.txt", "runner/conf/train.yaml", "setup.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    source = (
        "import hydra\nimport rootutils\n"
        f"rootutils.setup_root(__file__, {marks}pythonpath=True)\nrootutils.setup_root(__file__, 'runner.txt')\n"
        "@hydra.main(config_path='../conf', config_name='train')\ndef main(cfg): ...\n"
    )
    read(tmp_path, source, "runner/src/train.py")

    folders = script_folders(find_entry_points(tmp_path), [tmp_path / "runner" / "conf"])
    assert expected.split() == [folder.relative_to(tmp_path).as_posix() for folder in folders]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("from src import nets", "runner/src runner"),
        ("import src.nets", "runner/src runner"),
        ("from . import nets", "runner/src"),
        ("from nets import Net", "runner/src"),
        ("from src import other", "runner/src"),
        ("import src", "runner/src"),
    ],
)
def test_package_that_a_script_of_it_names_is_imported_from_around_it(
    tmp_path: Path, statement: str, expected: str
) -> None:
    """Whoever starts the script has the folder on Python's path; but a package of the same name may be installed."""
    (tmp_path / "runner" / "conf").mkdir(parents=True)
    (tmp_path / "runner" / "conf" / "train.yaml").write_text("")
    (tmp_path / "runner" / "src").mkdir()
    (tmp_path / "runner" / "src" / "nets.py").write_text("")
    source = f"import hydra\n{statement}\n@hydra.main('../conf', 'train')\ndef main(cfg): ...\n"
    read(tmp_path, source, "runner/src/train.py")

    folders = script_folders(find_entry_points(tmp_path), [tmp_path / "runner" / "conf"])
    assert expected.split() == [folder.relative_to(tmp_path).as_posix() for folder in folders]


_SCRIPT = """import hydra


@hydra.main(config_path="../conf", config_name="fit", version_base=None)
def main(cfg): ...
"""


def test_who_asks_again_depends_on_the_modules_too(tmp_path: Path) -> None:
    """The modules are read once, and count as read by each who gets the entry points."""
    read(tmp_path, _SCRIPT)
    script = str(tmp_path / "pkg/train.py")
    points = EntryPoints(tmp_path)
    with Reads() as first:
        points()
    with Reads() as second:
        points()

    assert script in first.files
    assert first.files == second.files
    assert first.folders == second.folders


def test_who_notes_what_is_read_is_told_also_where_nobody_did_before(tmp_path: Path) -> None:
    """What was found while nobody noted anything is found again for who does."""
    read(tmp_path, _SCRIPT)
    points = EntryPoints(tmp_path)
    found = points()
    with Reads() as reads:
        assert found == points()

    assert str(tmp_path / "pkg/train.py") in reads.files


def test_entry_points_are_found_anew_where_they_are_sent(tmp_path: Path) -> None:
    """A job on another machine asks for those there."""
    read(tmp_path, _SCRIPT)
    points = EntryPoints(tmp_path)
    points()
    sent = pickle.dumps(points)
    read(tmp_path, _SCRIPT.replace("fit", "train"))

    assert ["train"] == [point.config for point in pickle.loads(sent)()]


@pytest.mark.parametrize(
    "source",
    [
        "from hydra import main as start\n\n\n@start(config_path='../conf', config_name='fit')\ndef run(cfg): ...\n",
        "import hydra as h\n\nwith h.initialize('../conf'):\n    h.compose('fit')\n",
        "from hydra import compose, initialize_config_dir\n\ninitialize_config_dir('../conf')\ncompose('fit')\n",
    ],
)
def test_module_with_any_of_hydras_functions_is_parsed(tmp_path: Path, source: str) -> None:
    """Modules are left out by their words alone, and none that starts from configs is."""
    assert 1 == len(read(tmp_path, source))
