"""Four judges of one config: jsonschema, check-jsonschema, ajv, and the compiler."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from serotiny.compiler.syntax.document import parse_document
from tests.system.editor.editor_project import EditorProject

CASES = Path(__file__).parents[2] / "cases" / "editor"
SCHEMAS = tuple(sorted({path.name for path in CASES.glob("*/*")}))


def cases(schema: str) -> dict[str, Path]:
    """The configs of a schema, `clean/NAME` and `broken/NAME`."""
    return {f"{path.parts[-3]}/{path.stem}": path for path in sorted(CASES.glob(f"*/{schema}/*.yaml"))}


def expected(names: dict[str, Path]) -> dict[str, bool]:
    return {name: name.startswith("clean/") for name in names}


def test_corpus_is_large_and_mixed() -> None:
    """There are at least sixty configs, clean and broken ones."""
    clean, broken = (len([*CASES.glob(f"{kind}/*/*.yaml")]) for kind in ("clean", "broken"))

    assert clean >= 40
    assert broken >= 60


@pytest.mark.parametrize("schema", SCHEMAS)
def test_jsonschema_accepts_the_clean_and_refuses_the_broken(template: EditorProject, schema: str) -> None:
    """Python's jsonschema tells the clean configs from the broken ones."""
    files = cases(schema)

    verdicts = {
        name: not template.editor_faults(schema, path.read_text("utf-8")) for name, path in files.items()
    }

    assert expected(files) == verdicts


@pytest.mark.parametrize("schema", SCHEMAS)
def test_compiler_accepts_the_clean_and_refuses_the_broken(template: EditorProject, schema: str) -> None:
    """Each broken config is refused by `serotiny check` too, and each clean one passes."""
    files = cases(schema)

    verdicts = {
        name: not template.compiler_faults(schema, path.read_text("utf-8")) for name, path in files.items()
    }

    assert expected(files) == verdicts


@pytest.mark.parametrize("schema", SCHEMAS)
def test_check_jsonschema_says_the_same(template: EditorProject, schema: str) -> None:
    """The command `check-jsonschema`, which reads YAML by itself, accepts and refuses the same files."""
    files = cases(schema)
    schema_file = template.schemas / f"{schema}.schema.json"
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(schema_file), "-o", "json"]

    done = subprocess.run([*command, *map(str, files.values())], capture_output=True, text=True, check=False)

    report = json.loads(done.stdout)
    assert [] == report.get("parse_errors", [])
    refused = {error["filename"] for error in report["errors"]}
    assert expected(files) == {name: str(path) not in refused for name, path in files.items()}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_ajv_says_the_same(template: EditorProject, node_modules: Path, schema: str) -> None:
    """The validator of the JavaScript world accepts the schema itself, and accepts and refuses the same configs."""
    files = cases(schema)
    data = {name: parse_document(name, path.read_text("utf-8")).root.plain() for name, path in files.items()}
    script = Path(__file__).with_name("ajv_verdicts.cjs")

    done = subprocess.run(
        ["node", str(script)],
        input=json.dumps({"schema": template.documents[schema], "cases": data}),
        capture_output=True,
        text=True,
        check=False,
    )

    assert "" == done.stderr
    assert expected(files) == json.loads(done.stdout)
