"""The reports for programs: JSON, GitHub annotations, SARIF."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from serotiny.diagnostics import DEFAULT, RULES, Diagnostic, Origin, Place, Severity
from serotiny.report.calls import JobCall
from serotiny.report.formats import Format, renderer_of
from serotiny.report.github import render_github
from serotiny.report.json import render_json
from serotiny.report.report import Report, RunOutlook
from serotiny.report.sarif import render_sarif

IN_FILE = Diagnostic(
    "SER301",
    "`latent_dims` is not a parameter of serotiny.models.TabularVAE",
    Place(Origin.FILE, "pkg/config/model/default.yaml", line=3, column=1, end_line=3, end_column=12),
    "model.latent_dims",
    help="did you mean `latent_dim`?",
    jobs=(0, 1, 2),
)
IN_OVERRIDE = Diagnostic(
    "SER303",
    "`a.b` must be int, not 'x'",
    Place(Origin.OVERRIDE, None, line=1, column=5, end_line=1, end_column=6, override="a.b=x"),
    "a.b",
    notes=("one", "two"),
    jobs=(1,),
    severity=Severity.WARNING,
)
IN_DEFAULT = Diagnostic("SER302", "`train` needs `data`", DEFAULT)


@pytest.fixture
def report(tmp_path: Path) -> Report:
    return Report(jobs=3, diagnostics=(IN_FILE, IN_OVERRIDE, IN_DEFAULT), root=tmp_path)


def test_json_is_the_published_document(report: Report) -> None:
    """Every key is there, in the published order, for a fault in a file."""
    document = json.loads(render_json(report))

    expected = {
        "code": "SER301",
        "name": "unknown-parameter",
        "severity": "error",
        "message": "`latent_dims` is not a parameter of serotiny.models.TabularVAE",
        "key": "model.latent_dims",
        "origin": "file",
        "file": "pkg/config/model/default.yaml",
        "line": 3,
        "column": 1,
        "end_line": 3,
        "end_column": 12,
        "override": None,
        "help": "did you mean `latent_dim`?",
        "notes": [],
        "jobs": [0, 1, 2],
    }
    assert ["version", "jobs", "errors", "warnings", "diagnostics"] == list(document)
    assert (1, 3, 2, 1) == tuple(document[key] for key in ("version", "jobs", "errors", "warnings"))
    assert list(expected.items()) == list(document["diagnostics"][0].items())


def test_json_tells_origins_apart(report: Report) -> None:
    """An override has its argument and columns in it; a schema default has neither file nor span."""
    _, override, default = json.loads(render_json(report))["diagnostics"]

    assert ("override", None, 1, 5, "a.b=x") == tuple(
        override[key] for key in ("origin", "file", "line", "column", "override")
    )
    assert ("default", None, None, None, None) == tuple(
        default[key] for key in ("origin", "file", "line", "column", "override")
    )
    assert (["one", "two"], "warning") == (override["notes"], override["severity"])


def test_json_has_the_outlook_of_runs_where_it_was_asked(tmp_path: Path) -> None:
    """`runs` is there when MLflow was asked, even if it had nothing to say, and not otherwise."""
    runs = (RunOutlook(name="vae", experiment="Default", action="resumes", note="failed", jobs=(0, 2)),)
    asked = json.loads(render_json(Report(jobs=3, diagnostics=(), root=tmp_path, runs=runs)))["runs"]

    assert [
        {"name": "vae", "experiment": "Default", "action": "resumes", "note": "failed", "jobs": [0, 2]}
    ] == asked
    assert [] == json.loads(render_json(Report(jobs=3, diagnostics=(), root=tmp_path, runs=())))["runs"]
    assert "runs" not in json.loads(render_json(Report(jobs=3, diagnostics=(), root=tmp_path)))


def test_github_annotates_the_lines_of_files(report: Report) -> None:
    """A file's span goes into the annotation; an override is told in its text; a last line counts."""
    assert [
        "::error file=pkg/config/model/default.yaml,line=3,endLine=3,col=1,endColumn=12,"
        "title=SER301 unknown-parameter::`latent_dims` is not a parameter of serotiny.models.TabularVAE"
        "%0Adid you mean `latent_dim`?",
        "::warning title=SER303 wrong-type::`a.b` must be int, not 'x'%0Aoverride: a.b=x%0Aone%0Atwo",
        "::error title=SER302 missing-parameter::`train` needs `data`",
        "2 errors and 1 warning in 3 jobs",
    ] == render_github(report).splitlines()


def test_github_commands_cannot_be_injected(tmp_path: Path) -> None:
    """Line ends, percent signs, and what parts properties are escaped, so one fault is one command."""
    place = Place(Origin.FILE, "a,b:c%\n.yaml", line=1, column=1, end_line=2, end_column=2)
    text = render_github(
        Report(jobs=1, diagnostics=(Diagnostic("SER303", "100%\r\n::error::x", place),), root=tmp_path)
    )

    assert [
        "::error file=a%2Cb%3Ac%25%0A.yaml,line=1,endLine=2,col=1,title=SER303 wrong-type"
        "::100%25%0D%0A::error::x",
        "1 error in 1 job",
    ] == text.splitlines()


def test_sarif_has_the_rules_that_were_broken(report: Report) -> None:
    """The run names its tool, and each rule once with its text."""
    document = json.loads(render_sarif(report))
    (run,) = document["runs"]
    driver = run["tool"]["driver"]

    assert "2.1.0" == document["version"]
    assert document["$schema"].endswith("sarif-2.1.0.json")
    assert "unicodeCodePoints" == run["columnKind"]
    assert "serotiny" == driver["name"]
    assert ["SER301", "SER302", "SER303"] == [rule["id"] for rule in driver["rules"]]
    assert RULES["SER301"].text == driver["rules"][0]["help"]["markdown"]


def test_sarif_results_point_at_rules_and_lines(report: Report) -> None:
    """Each result has its rule's index, its level, and its region where a file is at fault."""
    (run,) = json.loads(render_sarif(report))["runs"]
    in_file, in_override, in_default = run["results"]

    for result in run["results"]:
        assert result["ruleId"] == run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"]
    assert ["error", "warning", "error"] == [result["level"] for result in run["results"]]
    assert f"{IN_FILE.message}. {IN_FILE.help}" == in_file["message"]["text"]
    assert {
        "artifactLocation": {"uri": "pkg/config/model/default.yaml"},
        "region": {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 12},
    } == in_file["locations"][0]["physicalLocation"]
    assert [{"logicalLocations": [{"fullyQualifiedName": "a.b"}]}] == in_override["locations"]
    assert {"key": "a.b", "override": "a.b=x", "atFault": None} == in_override["properties"]
    assert [{"logicalLocations": [{"fullyQualifiedName": "config"}]}] == in_default["locations"]


def test_sarif_names_files_as_uris(tmp_path: Path) -> None:
    """A space or a letter beyond ASCII in a file's name is escaped, as a URI asks."""
    place = Place(Origin.FILE, "my configs/ä#1.yaml", line=1, column=1, end_line=1, end_column=2)
    document = json.loads(
        render_sarif(Report(jobs=1, diagnostics=(Diagnostic("SER303", "wrong", place),), root=tmp_path))
    )

    (location,) = document["runs"][0]["results"][0]["locations"]
    assert "my%20configs/%C3%A4%231.yaml" == location["physicalLocation"]["artifactLocation"]["uri"]


@pytest.mark.parametrize("name", list(Format))
def test_no_format_shows_a_credential(tmp_path: Path, name: Format) -> None:
    """Credentials are masked before any format renders them, in texts and overrides alike."""
    uri = "mlflow.tracking_uri=https://user:hunter2@host"
    place = Place(Origin.OVERRIDE, None, line=1, column=21, end_line=1, end_column=len(uri) + 1, override=uri)
    fault = Diagnostic("SER503", f"`{uri}` holds a secret", place, help=uri, notes=(uri,))

    text = renderer_of(name)(Report(jobs=1, diagnostics=(fault,), root=tmp_path))

    assert "hunter2" not in text
    assert "https://***@host" in text


@pytest.mark.parametrize("name", list(Format))
def test_every_format_ends_with_a_line_end(tmp_path: Path, name: Format) -> None:
    """A report without anything to tell is still a document."""
    assert renderer_of(name)(Report(jobs=1, diagnostics=(), root=tmp_path)).endswith("\n")


def test_formats_for_programs_name_the_call_at_fault(tmp_path: Path) -> None:
    """What belongs to one option, experiment or override says so, as text does; what all calls have does not."""
    calls = (JobCall("train"), JobCall("train", ("model=wine",)))
    faults = tuple(Diagnostic("SER303", "wrong", DEFAULT, jobs=jobs) for jobs in ((1,), (0, 1)))
    report = Report(jobs=2, diagnostics=faults, root=tmp_path, calls=calls)

    one, every = json.loads(render_json(report))["diagnostics"]
    first, second, _ = render_github(report).splitlines()
    of_one, of_all = json.loads(render_sarif(report))["runs"][0]["results"]

    assert ("with model=wine", False) == (one["at_fault"], "at_fault" in every)
    assert ("::error title=SER303 wrong-type::wrong%0Awith model=wine", False) == (first, "with" in second)
    assert ("wrong. with model=wine", "wrong") == (of_one["message"]["text"], of_all["message"]["text"])
    assert ("with model=wine", None) == (of_one["properties"]["atFault"], of_all["properties"]["atFault"])
