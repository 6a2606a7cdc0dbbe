"""Calls that the project's own script runs, and serotiny does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project

FILES = {
    "setup.py": "",
    "plan.py": """import hydra
from elsewhere import run

@hydra.main(config_path="conf", config_name="plan", version_base=None)
def main(cfg):
    cfg.agent.size = 3
    run(cfg.agent.width)
""",
    "conf/plan.yaml": """defaults:
  - agent: deep
  - search: tree
  - _self_
name: ???
hydra: {run: {dir: "out/${name}"}}
""",
    "conf/agent/deep.yaml": "size: ???\nplace: ${oc.env:PLACE_OF_NOTHING}\nwidth: ${search.width}\n",
    "conf/search/tree.yaml": "width: 3\n",
    "conf/search/none.yaml": "depth: 3\n",
}


def told(root: Path, *overrides: str, layout: str = "") -> list[tuple[str, str, str]]:
    for name, text in (FILES | {"pyproject.toml": layout}).items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    compiler = Compiler.of_project(find_project(root))
    found = compiler.compile_call("plan", overrides).diagnostics
    return sorted((fault.code, "error" if fault.is_error else "warning", fault.key or "") for fault in found)


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLACE_OF_NOTHING", raising=False)


def test_values_that_the_script_may_set_or_leave_unread_are_warnings(tmp_path: Path) -> None:
    """Hydra hands a config on with `???`, with interpolations of what is not there, and without a look at variables."""
    assert told(tmp_path, "name=one", "search=none") == [
        ("SER201", "warning", "agent.width"),
        ("SER203", "warning", "agent.size"),
        ("SER204", "warning", "agent.place"),
    ]


def test_values_that_hydra_itself_reads_are_errors(tmp_path: Path) -> None:
    """The folder of the run is made before the script starts."""
    assert ("SER203", "error", "name") in told(tmp_path, "agent.size=3")


def test_values_of_the_call_and_names_that_no_config_gives_are_errors(tmp_path: Path) -> None:
    """What is typed is meant, and a key that nothing has is a slip."""
    found = told(tmp_path, "name=one", "agent.size=???", "agent.width=${serach.width}")

    assert [("SER201", "error"), ("SER203", "error"), ("SER204", "warning")] == [item[:2] for item in found]


def test_values_of_a_job_that_serotiny_runs_are_errors(tmp_path: Path) -> None:
    """It resolves the whole config, and its parts need all of it."""
    layout = """[tool.serotiny]
package = "plan"
config = "conf"
operations = {train = "plan"}
layout = {model = "agent", trainer = "search"}
"""
    found = told(tmp_path, "name=one", "search=none", layout=layout)

    assert {("SER201", "error"), ("SER203", "error"), ("SER204", "error")} <= {item[:2] for item in found}
