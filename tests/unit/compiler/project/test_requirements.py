"""The Hydra and the Python that a repository asks for."""

from pathlib import Path

import pytest

from serotiny.compiler.project.requirements import asked_hydra, asked_python

_BOUNDED = [
    ("requirements.txt", "hydra-core==1.0.7", 0),
    ("requirements.txt", "hydra_core <1.1 ; python_version < '3.10'", 0),
    ("requirements-dev.txt", "hydra-core~=1.0.4", 0),
    ("requirements/base.txt", "omegaconf==2.0.*", 0),
    ("setup.py", 'install_requires=["hydra-core>=1.0.7,<1.1", "omegaconf<2.1"]', 0),
    ("setup.py", 'install_requires=["hydra_core<1.0"]', -1),
    ("setup.cfg", "hydra-core <= 1.1.2", 1),
    ("environment.yml", "- hydra-core=1.1", 1),
    ("conda.yaml", "- omegaconf=1.4.1", -1),
    ("pyproject.toml", 'hydra-core = "~1.0.0"', 0),
    ("pyproject.toml", 'hydra-core = ">=1.0,<1.2.0"', 1),
    ("Pipfile", 'hydra-core = "==1.1.0"', 1),
    ("requirements.txt", "hydra-core<1.1.2", 1),
    ("requirements.txt", "hydra-core==1.3.2", 3),
]
_OPEN = [
    *("hydra-core", "hydra-core>=1.0", "hydra-core~=1.0", "hydra-core>1.0,!=1.1.1", "hydra-core<2"),
    *("hydra-colorlog==1.0.0", 'hydra-core = "^1.0.6"', "my-hydra==0.3"),
]


@pytest.mark.parametrize(("name", "text", "minor"), _BOUNDED)
def test_newest_hydra_that_is_admitted_is_found(tmp_path: Path, name: str, text: str, minor: int) -> None:
    """In each file in which projects say what is to be installed, in its own words."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(f"torch==1.8.1\n{text}\nnumpy<1.1\n")

    asked = asked_hydra(tmp_path, tmp_path)

    assert asked is not None
    assert (asked.file, asked.minor) == (tmp_path / name, minor)


@pytest.mark.parametrize("text", _OPEN)
def test_requirement_without_a_bound_asks_for_none(tmp_path: Path, text: str) -> None:
    """Nor does a package of a similar name."""
    (tmp_path / "requirements.txt").write_text(f"{text}\n")

    assert asked_hydra(tmp_path, tmp_path) is None


def test_oldest_bound_counts(tmp_path: Path) -> None:
    """What is installed fits all files."""
    (tmp_path / "setup.py").write_text('setup(install_requires=["hydra-core>=1.0,<1.4"])')
    (tmp_path / "requirements.txt").write_text("hydra-core==1.0.6\n")

    asked = asked_hydra(tmp_path, tmp_path)

    assert asked is not None
    assert (asked.minor, asked.puts_options_at_root, asked.resolvers) == (0, True, ("env",))


def test_requirements_nearest_to_the_configs_count(tmp_path: Path) -> None:
    """Those of the part of a repository that has them, before those of the whole."""
    (tmp_path / "requirements.txt").write_text("hydra-core==1.3.2\n")
    (tmp_path / "older/study/conf").mkdir(parents=True)
    (tmp_path / "older/setup.py").write_text('setup(install_requires=["hydra-core<1.1"])')

    asked = asked_hydra(tmp_path, tmp_path / "older/study/conf")

    assert asked is not None
    assert (asked.file, asked.minor) == (tmp_path / "older/setup.py", 0)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("pyproject.toml", 'requires-python = ">=3.12"', (3, 12)),
        ("pyproject.toml", 'requires-python = ">3.11,<4"', (3, 12)),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.13"', (3, 13)),
        ("pyproject.toml", 'requires-python = "==3.12.*"', (3, 12)),
        ("setup.cfg", "[options]\npython_requires = >=3.10", (3, 10)),
        ("setup.py", "setup(\n    python_requires='>=3.12',\n)", (3, 12)),
        (
            "pyproject.toml",
            '"Programming Language :: Python :: 3.13",\n"Programming Language :: Python :: 3.12"',
            (3, 12),
        ),
        ("pyproject.toml", 'requires-python = "<3.14"', None),
        ("pyproject.toml", 'target-version = "py312"', None),
    ],
)
def test_oldest_python_that_a_repository_is_for_is_found(
    tmp_path: Path, name: str, text: str, expected: tuple[int, int] | None
) -> None:
    """What it requires counts, or else the oldest that it is classified for."""
    (tmp_path / name).write_text(f"# a comment\n{text}\n")

    assert expected == asked_python(tmp_path)
