"""`pytest --serotiny`, run by pytest on a project that `serotiny new` made."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from serotiny.cli.commands.new import create_project

CLEAN = [
    "train",
    "test",
    "predict",
    "data=default",
    "data=my_data",
    "mlflow=default",
    "model=default",
    "model=my_model",
    "trainer=default",
    "trainer/callbacks=default",
    "trainer/callbacks=my_callbacks",
    "trainer/callbacks=pictures",
]


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new project, with one test of its own, in which pytest is called."""
    root = create_project({}, no_input=True, output_dir=pytester.path)
    for group in ("experiment", "debug"):  # what they choose would be checked with them
        shutil.rmtree(root / "a_tiny_project" / "config" / group)
    (root / "tests" / "test_config.py").write_text("def test_own():\n    pass\n")
    (root / "pytest.ini").write_text("[pytest]\ntestpaths = tests\n")
    monkeypatch.chdir(root)
    return root


def check(pytester: pytest.Pytester, *arguments: str) -> tuple[dict[str, str], str]:
    """The outcome of each item by the end of its id, and the whole output."""
    result = pytester.runpytest("-v", "-p", "no:cacheprovider", "-p", "no:asyncio", *arguments)
    words = [line.split() for line in result.outlines if "::" in line]
    found = {word[0].partition("::")[2]: word[1] for word in words if word[1] in ("PASSED", "FAILED")}
    return found, "\n".join(result.outlines)


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_each_operation_and_option_of_a_clean_project_passes(
    pytester: pytest.Pytester, project: Path
) -> None:
    """They are items beside the project's own tests, wherever those lie."""
    found, _ = check(pytester, "--serotiny")

    assert dict.fromkeys(["test_own", *CLEAN], "PASSED") == found


def test_options_at_fault_fail_and_no_others(pytester: pytest.Pytester, project: Path) -> None:
    """One item fails for each option with a fault, also one that every job takes, and shows its diagnostics alone."""
    config = project / "a_tiny_project" / "config"
    replace(config / "model" / "default.yaml", "latent_dim:", "latent_dims:")
    (config / "data" / "wrong.yaml").write_text("_target_: serotiny.datamodules.ManifestDatamodul\n")

    found, output = check(pytester, "--serotiny")
    alone, shown = check(pytester, "--serotiny", "pyproject.toml::data=wrong")

    expected = dict.fromkeys(["test_own", *CLEAN], "PASSED")
    assert {**expected, "model=default": "FAILED", "data=wrong": "FAILED"} == found
    assert "`latent_dims` is not a parameter of serotiny.models.TabularVAE" in output
    assert "did you mean `ManifestDatamodule`?" in output
    assert "Traceback" not in output
    assert {"data=wrong": "FAILED"} == alone
    assert "latent_dims" not in shown


def test_option_that_lacks_what_another_refers_to_is_to_blame(
    pytester: pytest.Pytester, project: Path
) -> None:
    """What appears only with an option is that option's, although it is told in another file."""
    config = project / "a_tiny_project" / "config"
    with (config / "trainer" / "default.yaml").open("a") as file:
        file.write("accumulate_grad_batches: ${model.latent_dim}\n")

    found, output = check(pytester, "--serotiny")

    assert ["model=my_model"] == [name for name, outcome in found.items() if outcome == "FAILED"]
    assert "error[SER201]" in output


def test_nothing_is_checked_unless_asked(pytester: pytest.Pytester, project: Path) -> None:
    """Without the flag pytest is as it was."""
    found, _ = check(pytester)

    assert {"test_own": "PASSED"} == found


def test_no_project_is_a_wrong_call(pytester: pytest.Pytester) -> None:
    """The flag outside of a project is refused with what to do."""
    result = pytester.runpytest("--serotiny", "-p", "no:asyncio")

    assert pytest.ExitCode.USAGE_ERROR == result.ret
    assert any("no serotiny project" in line for line in result.errlines)
