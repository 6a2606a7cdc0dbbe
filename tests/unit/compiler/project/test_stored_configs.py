"""Which configs a project's code puts into Hydra's store, read from its source."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.compiler.project.stored_configs import find_stored_configs

HEAD = "from hydra.core.config_store import ConfigStore\ncs = ConfigStore.instance()\n"


def stored(root: Path, source: str, name: str = "pkg/schemas.py") -> list[tuple[str | None, str | None]]:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    return [(found.group, found.name) for found in find_stored_configs(root)]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('cs.store(name="root", node=Root)', ("", "root")),
        ('cs.store("adam.yaml", Adam, "solver")', ("solver", "adam")),
        ('ConfigStore.instance().store(group=GROUP, name="adam", node=Adam)', ("nets/solver", "adam")),
        ('cs.store(group=f"solver", name=f"{GROUP}_{1}", node=Adam)', ("solver", None)),
        ('cs.store(group=f"{GROUP}/x", name="adam", node=Adam)', ("nets/solver/x", "adam")),
        ('cs.store(group="solver", name=Adam.__name__, node=Adam)', ("solver", None)),
        ("cs.store(group=pick(), name=name, node=Adam)", (None, None)),
    ],
)
def test_call_shows_group_and_name(
    tmp_path: Path, call: str, expected: tuple[str | None, str | None]
) -> None:
    """As keywords or by position; what is computed is not known."""
    assert [expected] == stored(tmp_path, f'{HEAD}GROUP = "nets/solver"\n{call}\n')


@pytest.mark.parametrize(
    ("decorator", "expected"),
    [
        ('structured_config(group="jobs")', [("jobs", "Job")]),
        ('structured_config(name="first", group="jobs")', [("jobs", "first")]),
        ('structured_config(name="first")', []),
        ("dataclass", []),
    ],
)
def test_decorator_that_gives_a_class_a_group_stores_it(
    tmp_path: Path, decorator: str, expected: list[tuple[str | None, str | None]]
) -> None:
    """By the name of the class, unless it gives another one."""
    source = f"from tools import structured_config\n\n\n@{decorator}\nclass Job:\n    rounds: int = 3\n"

    assert expected == stored(tmp_path, source)


def test_store_of_hydra_zen_may_hold_anything(tmp_path: Path) -> None:
    """It takes names from what is stored, and groups from a store that was made elsewhere."""
    source = 'from hydra_zen import store\nnets = store(group="net")\nnets(Net, name="small")\n'

    assert [(None, None)] == stored(tmp_path, source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from tools.hydra import register_config\nregister_config(Job, Job.options)\n", [(None, None)]),
        ("from tools import store_hydra_configs\nstore_hydra_configs(Job)\n", [(None, None)]),
        ("from pkg.hydra import register_config\nregister_config(Job)\n", []),
        ("from pkg.lib.hydra import register_configs\nregister_configs()\n", [(None, None)]),
        ("from pkg.lib.nets import register_configs\nregister_configs()\n", [(None, None)]),
        ("from tools.nets import register_config\nregister_config(Job)\n", []),
        ("def register_hydra_config(job): ...\nregister_hydra_config(Job)\n", []),
    ],
)
def test_function_of_a_package_that_registers_configs_may_store_anything(
    tmp_path: Path, source: str, expected: list[tuple[str | None, str | None]]
) -> None:
    """Its source is not the project's; what the project defines itself is read where it stores."""
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "hydra.py").write_text("def register_config(job): ...\n")

    assert expected == stored(tmp_path, source, "pkg/main.py")


@pytest.mark.parametrize("name", ["tests/test_a.py", "pkg/kernels.py"])
def test_other_calls_of_that_name_store_no_configs(tmp_path: Path, name: str) -> None:
    """Those of tests, which scripts do not run, and those of modules that know nothing of Hydra."""
    head = HEAD if name.startswith("tests") else "import triton.language as tl\n"

    assert [] == stored(tmp_path, f'{head}tl.store(name="a", node=1)\n', name)


def test_store_that_another_module_made_is_known_by_its_name(tmp_path: Path) -> None:
    """A package makes one store, and its modules import it; what only ends like that name is another thing."""
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").write_text(HEAD.replace("cs", "nets"))
    source = 'from pkg import nets\nnets.store(name="small", node=Net, group="net")\n'

    assert [("net", "small")] == stored(tmp_path, source)
    assert [("net", "small")] == stored(tmp_path, 'shop_nets.store(name="a", node=1)\n', "pkg/shop.py")


def test_config_of_an_unknown_group_is_none_of_hydras(tmp_path: Path) -> None:
    """A plug-in that is not installed is told as such."""
    (tmp_path / "nets.py").write_text(f"{HEAD}cs.store(group=pick(), name=name, node=Net)\n")
    (found,) = find_stored_configs(tmp_path)

    paths = ("net/small", "hydra/launcher/far")
    assert [True, False] == [found.may_be(path) for path in paths]


def test_store_of_hydra_that_is_filled_with_what_hydra_zen_builds_is_seen(tmp_path: Path) -> None:
    """A module that uses hydra-zen may still put what it makes into Hydra's own store, by name."""
    source = (
        "from hydra.core.config_store import ConfigStore\nfrom hydra_zen import builds\n"
        'main = ConfigStore.instance()\nmain.store(name="small", node=builds(Net), group="net")\n'
    )

    assert [("net", "small")] == stored(tmp_path, source)


def test_store_of_an_example_belongs_to_the_configs_there(tmp_path: Path) -> None:
    """Modules of examples and tests store nothing for the configs of others."""
    source = HEAD + 'cs.store(name="adam", node=Adam)\n'
    assert [] == stored(tmp_path, source, "examples/tiny/src/schemas.py")

    def with_configs_in(folder: str) -> list[str | None]:
        return [found.name for found in find_stored_configs(tmp_path, [tmp_path / folder])]

    assert ["adam"] == with_configs_in("examples/tiny/conf")
    assert [] == with_configs_in("examples/large/conf")
    assert [] == with_configs_in("conf")
