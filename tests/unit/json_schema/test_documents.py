"""The export: valid, the same each time, of nothing but what was read."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from serotiny.cli.commands.new import create_project
from serotiny.cli.main import main
from serotiny.json_schema.fragments import any_path, shortened
from serotiny.json_schema.name_patterns import TEXT_RULES
from serotiny.json_schema.writing import replace_text
from serotiny.schemas.rules.names import fault_of_experiment_name, fault_of_run_name

NAMES = ["data", "mlflow", "model", "predict", "test", "train", "trainer", "trainer.callbacks"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return create_project({}, no_input=True, output_dir=tmp_path_factory.mktemp("new"))


def export(project: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> dict[str, str]:
    monkeypatch.chdir(project)
    assert 0 == main(["schema", "export", *arguments])
    folder = project / ".serotiny" / "schemas"
    return {path.name.removesuffix(".schema.json"): path.read_text("utf-8") for path in folder.glob("*.json")}


def test_export_gives_one_valid_schema_a_group_and_operation(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five groups and three operations, each valid draft-07 with the definitions that it refers to, unknown to git."""
    texts = export(project, monkeypatch)

    assert NAMES == sorted(texts)
    for text in texts.values():
        schema = json.loads(text)
        Draft7Validator.check_schema(schema)
        assert {f"#/definitions/{name}" for name in schema["definitions"]} == references(schema)
        assert '"allOf":[]' not in text
    assert "*" in (project / ".serotiny" / "schemas" / ".gitignore").read_text().splitlines()


def references(schema: object) -> set[str]:
    if isinstance(schema, dict):
        inner = {found for value in schema.values() for found in references(value)}
        own = schema.get("$ref")
        return inner | {own} if isinstance(own, str) else inner
    if isinstance(schema, list):
        return {found for item in schema for found in references(item)}
    return set()


def test_export_is_the_same_each_time(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second export, from the cache and with another hash seed, writes the same bytes."""
    before = export(project, monkeypatch)
    call = [sys.executable, "-m", "serotiny.cli.main", "schema", "export"]
    subprocess.run(call, cwd=project, check=True, env={**os.environ, "PYTHONHASHSEED": "7"})

    assert before == export(project, monkeypatch)


def test_export_imports_nothing_that_it_reads(project: Path) -> None:
    """Neither torch nor Lightning nor the project itself is imported."""
    code = (
        "import sys; from serotiny.cli.main import main; main(['schema', 'export']);"
        "print([name for name in ('torch', 'pytorch_lightning', 'lightning', 'mlflow', 'a_tiny_project')"
        " if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True
    )

    assert "[]" == done.stdout.splitlines()[-1]


def test_own_and_named_targets_are_known(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class in a new module of the project, and a function that a config names, are in the next export."""
    (project / "a_tiny_project" / "layers.py").write_text(
        'class Scale:\n    """Scales."""\n    def __init__(self, by: float): ...\n'
    )
    named = project / "a_tiny_project" / "config" / "extra" / "one.yaml"
    named.parent.mkdir()
    named.write_text("init:\n  _target_: torch.nn.init.normal_\n  _partial_: true\n")

    definitions = json.loads(export(project, monkeypatch)["model"])["definitions"]

    assert {"by", "_target_"} <= definitions["a_tiny_project.layers.Scale"]["properties"].keys()
    assert "mean" in definitions["torch.nn.init.normal_"]["properties"]


@given(st.text(max_size=40))
def test_name_patterns_refuse_nothing_that_is_allowed(name: str) -> None:
    """What the editor's pattern of a run's or experiment's name refuses, the compiler refuses too."""
    for field, fault_of in (("run_name", fault_of_run_name), ("experiment_name", fault_of_experiment_name)):
        if not re.search(TEXT_RULES[field][0], name):
            assert fault_of(name) is not None


def test_pattern_of_paths_matches_them_alone() -> None:
    """Dots are dots, and neither a beginning nor a longer path matches."""
    pattern = re.compile(any_path(["a.b.C", "a.b.D", "e.F"]))

    assert all(pattern.search(path) for path in ("a.b.C", "a.b.D", "e.F"))
    assert not any(pattern.search(path) for path in ("a.b.", "a.b.CC", "axb.C", "x.e.F", "e.F.g"))


def test_long_description_is_cut_after_a_sentence() -> None:
    """A hover shows whole sentences where it can."""
    assert "One. Two." == shortened("One. Two.")
    assert shortened(f"{'word ' * 60}end. {'more ' * 60}").endswith("end.")


def test_file_that_says_the_same_is_left_alone(tmp_path: Path) -> None:
    """An editor that watches a schema is not told of a change that is none."""
    path = tmp_path / "x.json"
    replace_text(path, "a")
    before = path.stat().st_mtime_ns
    replace_text(path, "a")

    assert before == path.stat().st_mtime_ns
    assert [path] == [*tmp_path.iterdir()]
