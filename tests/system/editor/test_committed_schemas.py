"""The schemas in `schemas/` are what `make schemas` writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from serotiny.cli.commands.schema import write_builtin

# all in one, so that comparing and validating cost one export
NAMES = ("data", "model", "trainer", "trainer.callbacks", "mlflow", "train", "test", "predict")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schemas")
    write_builtin(folder)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_committed_schema_is_what_would_be_written(made: Path, repository: Path, name: str) -> None:
    """Under the versions that it states, making a schema again gives the same text."""
    committed = (repository / "schemas" / f"{name}.schema.json").read_text("utf-8")
    again = (made / f"{name}.schema.json").read_text("utf-8")
    theirs, ours = (json.loads(text)["$comment"] for text in (committed, again))
    if theirs != ours:
        pytest.skip(f"the committed schema was {theirs!r}; what is installed gives {ours!r}")

    assert committed == again, "run `make schemas`"


@pytest.mark.parametrize("name", NAMES)
def test_committed_schema_is_a_schema(repository: Path, name: str) -> None:
    """Each committed file is a valid draft-07 schema and states what it was made from."""
    schema = json.loads((repository / "schemas" / f"{name}.schema.json").read_text("utf-8"))

    Draft7Validator.check_schema(schema)

    assert "http://json-schema.org/draft-07/schema#" == schema["$schema"]
    assert "torch " in schema["$comment"]
