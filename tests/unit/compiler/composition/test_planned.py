"""Plans that are read from a file: the places of their values, and what was edited."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from serotiny.compiler.compile import Compiler
from serotiny.compiler.plan.plan import Plan
from serotiny.compiler.plan.plan_file import plan_in, plan_text
from serotiny.compiler.project import find_project
from serotiny.diagnostics import Diagnostic
from tests.case_projects import CASES, lay_out


@pytest.fixture(scope="module")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> Compiler:
    root = lay_out(CASES / "clean" / "minimal", tmp_path_factory.mktemp("planned"))
    return Compiler.of_project(find_project(root), with_hydra=True)


@pytest.fixture(scope="module")
def plan(compiler: Compiler) -> Plan:
    return (
        compiler.compile_call("train", ["++mlflow.run_name=first", "++trainer.max_epochs=3"]).jobs[0].plan()
    )


def told(compiler: Compiler, text: str) -> list[Diagnostic]:
    compilation = compiler.compile_plan(plan_in(text, Path("plan.yaml")), "plan.yaml", text)
    return [found for found in compilation.diagnostics if found.is_error]


def line_of(text: str, content: str) -> int:
    return text.splitlines().index(content) + 1


def test_edited_value_is_told_with_the_command_that_compiles_anew(compiler: Compiler, plan: Plan) -> None:
    """It is told at the plan's `identity`, which is that of another config."""
    text = plan_text(plan).replace("max_epochs: 3", "max_epochs: 4")

    (found,) = told(compiler, text)

    assert ("SER410", line_of(text, f"identity: {plan.identity}")) == (found.code, found.place.line)
    command = "serotiny compile train ++mlflow.run_name=first ++trainer.max_epochs=3 -o plan.yaml"
    assert command in str(found.help)


def test_edited_value_without_identity_is_taken(compiler: Compiler, plan: Plan) -> None:
    """Whoever takes the line out means the edit; the job has the identity of what it computes."""
    lines = plan_text(plan).replace("max_epochs: 3", "max_epochs: 4").splitlines(keepends=True)
    text = "".join(line for line in lines if not line.startswith("identity:"))

    job = compiler.compile_plan(plan_in(text, Path("plan.yaml")), "plan.yaml", text).jobs[0]

    assert [] == told(compiler, text)
    assert 4 == job.plan().config["trainer"]["max_epochs"]
    assert plan.identity != job.plan().identity


@pytest.mark.parametrize("part", ["mlflow", "trainer", "data", "model", "seed"])
@pytest.mark.parametrize("value", [[1], "text", 5, {"_target_": ["os.system"]}])
def test_a_part_of_another_form_is_told(compiler: Compiler, plan: Plan, part: str, value: Any) -> None:
    """Whatever stands in a plan in the place of a part is a fault with a place, or taken, and no internal error."""
    document = json.loads(plan.to_json())
    document["logged_config"][part] = value
    document.pop("identity")

    found = told(compiler, json.dumps(document))

    assert ((part, value) == ("seed", 5)) is (found == [])
    assert {"plan.yaml"} >= {fault.place.file for fault in found}


def test_run_name_that_was_edited_in_one_of_its_places_is_told(compiler: Compiler, plan: Plan) -> None:
    """It is not ignored in silence; in both places it is another name for the same job."""
    text = plan_text(plan)
    here = text.replace("\nrun_name: first", "\nrun_name: second")
    both = text.replace("run_name: first", "run_name: second")

    (found,) = told(compiler, here)

    assert ("SER410", line_of(here, "run_name: second")) == (found.code, found.place.line)
    assert [] == told(compiler, both)


@pytest.mark.parametrize("is_json", [False, True], ids=["yaml", "json"])
def test_fault_of_a_plan_has_its_place_in_the_plans_file(
    compiler: Compiler, plan: Plan, is_json: bool
) -> None:
    """Line and column are those of the file, be it written by `compile` or recorded with a run."""
    text = plan.to_json() if is_json else plan_text(plan)
    written, edited = (
        ('"max_epochs": 3', '"max_epochs": "soon"') if is_json else ("epochs: 3", "epochs: soon")
    )
    text = text.replace(written, edited)

    found = next(item for item in told(compiler, text) if item.code == "SER303")

    line = next(index for index, content in enumerate(text.splitlines(), 1) if "soon" in content)
    column = text.splitlines()[line - 1].index('"soon"' if is_json else "soon") + 1
    assert ("plan.yaml", line, column) == (found.place.file, found.place.line, found.place.column)


def test_plan_that_a_run_recorded_is_not_called_edited(compiler: Compiler) -> None:
    """Its config has the values of the job that ran, which are no part of its identity."""
    made = compiler.compile_call("train", ["++mlflow.tags.where=${hydra:runtime.output_dir}"]).jobs[0].plan()
    document = json.loads(made.to_json()) | {"job_keys": ["data.where"]}
    document["logged_config"]["data"]["where"] = "/outputs/1"

    assert "SER410" not in {found.code for found in told(compiler, json.dumps(document))}
