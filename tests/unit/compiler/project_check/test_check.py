"""A check that goes on from the jobs of an earlier one compiles what an edit reaches, and says what a whole check does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from serotiny.compiler.project_check.check import ProjectVerdict, check_project
from serotiny.compiler.project_check.compile_project import compile_project
from serotiny.reads import Reads

FILES = {
    "pyproject.toml": '[tool.serotiny]\npackage = "lab"\n',
    "lab/__init__.py": "",
    "lab/net.py": (
        "import pytorch_lightning as pl\n\n\nclass Net(pl.LightningModule):\n"
        "    def __init__(self, width: int, depth: int = 1) -> None:\n        super().__init__()\n"
    ),
    "table.csv": "split,x\ntrain,1\nvalid,1\ntest,1\n",
    "lab/config/train.yaml": "defaults:\n  - data: default\n  - model: one\n  - _self_\nseed: 1\n",
    "lab/config/model/base.yaml": "_target_: lab.net.Net\n",
    "lab/config/data/default.yaml": "_target_: serotiny.datamodules.ManifestDatamodule\npath: table.csv\nsplit_column: split\nloaders: {}\n",
    **{
        f"lab/config/model/{name}.yaml": f"defaults:\n  - base\n  - _self_\nwidth: {width}\n"
        for name, width in (("one", 1), ("two", "a"), ("three", 3))
    },
}
OF_TWO = ("train", ("model=two",))


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A project whose options of one group build on a common one."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def checked(root: Path, earlier: object = None) -> ProjectVerdict:
    return check_project(Compiler.of_project(find_project(root)), json.loads(json.dumps(earlier)))


def after(root: Path, name: str, text: str) -> ProjectVerdict:
    """The check after an edit, which says what a check of everything says."""
    earlier = checked(root).jobs
    (root / "lab/config" / name).write_text(text)
    verdict, whole = checked(root, earlier), compile_project(Compiler.of_project(find_project(root)))
    assert whole.diagnostics == verdict.diagnostics
    assert [(job.composed.primary, job.overrides) for job in whole.jobs] == [*verdict.calls]
    return verdict


def test_nothing_is_compiled_when_nothing_has_changed(lab: Path) -> None:
    """Every job is remembered, those with faults too."""
    first = checked(lab)
    second = checked(lab, first.jobs)

    assert first.diagnostics
    assert () == second.compiled
    assert (first.diagnostics, first.calls) == (second.diagnostics, second.calls)


def test_only_the_jobs_that_read_a_file_are_compiled(lab: Path) -> None:
    """An edit of an option reaches the job that chooses it, and no other."""
    assert (OF_TWO,) == after(lab, "model/two.yaml", FILES["lab/config/model/one.yaml"] + "z: 1\n").compiled


def test_job_whose_option_is_missing_does_not_depend_on_what_its_siblings_hold(lab: Path) -> None:
    """The package of each sibling counts, since the missing one may have set root keys as those do."""
    (lab / "lab/config/train.yaml").write_text(
        FILES["lab/config/train.yaml"].replace("model: one", "model: ons")
    )
    made = after(lab, "model/two.yaml", FILES["lab/config/model/one.yaml"] + "z: 1\n")

    assert "SER104" in {found.code for found in made.diagnostics}
    assert (OF_TWO,) == made.compiled
    text = "# @package _global_\n" + FILES["lab/config/model/three.yaml"]
    assert ("train", ()) in after(lab, "model/three.yaml", text).compiled


def test_every_job_that_lacks_a_key_is_compiled_once_an_option_gives_it(lab: Path) -> None:
    """Which configs give a key is found out once, and counts for all jobs that ask for it."""
    for root in ("train", "test"):
        (lab / f"lab/config/{root}.yaml").write_text(
            FILES["lab/config/train.yaml"].replace("seed: 1", "seed: ${lr}")
        )
    (lab / "lab/config/experiment").mkdir()
    (lab / "lab/config/experiment/fast.yaml").write_text("# @package _global_\nmodel:\n  depth: 2\n")
    assert "SER201" in {found.code for found in checked(lab).diagnostics}

    made = after(lab, "experiment/fast.yaml", "# @package _global_\nmodel:\n  depth: 2\nlr: 1\n")

    assert {("train", ()), ("test", ())} <= {*made.compiled}
    assert "SER201" not in {found.code for found in made.diagnostics}


def test_job_that_lacks_a_key_does_not_depend_on_the_rest_of_what_may_give_it(lab: Path) -> None:
    """Whether an experiment gives the key counts, and nothing else that it says or adds; the key may come, too."""
    train = FILES["lab/config/train.yaml"].replace("seed: 1", "seed: ${extra.lr}")
    (lab / "lab/config/train.yaml").write_text(train)
    (lab / "lab/config/experiment").mkdir()
    text = "# @package _global_\nextra:\n  rate: 1\n"
    (lab / "lab/config/experiment/fast.yaml").write_text(text)

    for other in (text.replace("1", "2"), f"{text}more: 1\n"):
        made = after(lab, "experiment/fast.yaml", other)
        assert "SER201" in {found.code for found in made.diagnostics}
        assert (("train", ("+experiment=fast",)),) == made.compiled

    given = after(lab, "experiment/fast.yaml", text.replace("rate", "lr"))
    assert ("train", ()) in given.compiled
    assert "SER201" not in {found.code for found in given.diagnostics}


def test_what_a_job_finds_in_folders_that_it_adds_counts_for_it_alone(lab: Path) -> None:
    """An edit reaches the jobs that read the file, be it in an added folder or not, and the rest is remembered."""
    train = FILES["lab/config/train.yaml"].replace("  - _self_", "  - extra: four\n  - _self_")
    (lab / "lab/config/train.yaml").write_text(f"{train}hydra:\n  searchpath: [file://more]\n")
    (lab / "lab/config/test.yaml").write_text(FILES["lab/config/train.yaml"])
    (lab / "more/extra").mkdir(parents=True)
    (lab / "more/extra/four.yaml").write_text("x: 1\n")

    with Reads() as reads:
        assert not {found.code for found in checked(lab).diagnostics if found.place.file == "train.yaml"}
    assert [] == [path for path in reads.shared().files if path.endswith(".yaml")]

    made = after(lab, "model/two.yaml", FILES["lab/config/model/one.yaml"] + "z: 1\n")
    assert {OF_TWO, ("test", ("model=two",))} == set(made.compiled)
    made = after(lab, "../../more/extra/four.yaml", "x: ${nowhere}\n")
    assert "SER201" in {found.code for found in made.diagnostics}
    assert {call for call in made.calls if call[0] == "train"} == set(made.compiled) != set(made.calls)


@pytest.mark.parametrize("depth", [1, "x"])
def test_what_an_experiment_sweeps_over_is_told_beside_its_other_faults(lab: Path, depth: object) -> None:
    """The sweep of an unsound job is compiled where the job is kept, remembered, and compiled after an edit of its own."""
    (lab / "lab/config/experiment").mkdir()
    text = (
        f"# @package _global_\nmodel:\n  depth: {depth}\n"
        "hydra:\n  sweeper:\n    params:\n      model.width: 1,wide\n"
    )
    (lab / "lab/config/experiment/many.yaml").write_text(text)
    first = checked(lab)
    second = checked(lab, first.jobs)

    lines = [3, 7] if depth == "x" else [7]
    found = [fault for fault in first.diagnostics if fault.place.file == "lab/config/experiment/many.yaml"]
    assert [("SER303", line) for line in lines] == [(fault.code, fault.place.line) for fault in found]
    assert (first.diagnostics, ()) == (second.diagnostics, second.compiled)
    made = after(lab, "experiment/many.yaml", text.replace("wide", "2"))
    assert lines[:-1] == [
        fault.place.line for fault in made.diagnostics if (fault.place.file or "").endswith("many.yaml")
    ]


def test_jobs_whose_lists_are_faulty_are_remembered(lab: Path) -> None:
    """What is wrong with every job's defaults list makes none of them depend on files that it does not name."""
    train = FILES["lab/config/train.yaml"].replace("  - _self_", "  - logger: nowhere\n  - _self_")
    (lab / "lab/config/train.yaml").write_text(train)
    made = after(lab, "model/two.yaml", FILES["lab/config/model/one.yaml"] + "z: 1\n")

    assert "SER103" in {found.code for found in made.diagnostics}
    assert (OF_TWO,) == made.compiled


def test_jobs_of_a_common_base_are_compiled(lab: Path) -> None:
    """An edit of what options build on reaches all of them."""
    made = after(lab, "model/base.yaml", FILES["lab/config/model/base.yaml"] + "depth: 2\n")

    assert set(made.calls) == set(made.compiled)


def test_new_option_is_compiled_alone(lab: Path) -> None:
    """A file that comes changes no job that did not look for it."""
    made = after(lab, "model/four.yaml", FILES["lab/config/model/one.yaml"])

    assert (("train", ("model=four",)),) == made.compiled


def test_comment_that_only_a_remembered_job_needs_is_of_use(lab: Path) -> None:
    """What a comment silences in a job that is not compiled again counts."""
    quiet = FILES["lab/config/model/two.yaml"].replace("width: a", "width: a  # serotiny: ignore[SER303]")
    (lab / "lab/config/model/two.yaml").write_text(quiet)
    made = after(lab, "model/three.yaml", FILES["lab/config/model/one.yaml"])

    assert (("train", ("model=three",)),) == made.compiled
    assert "SER340" not in {found.code for found in made.diagnostics}


@pytest.mark.parametrize(
    "damaged",
    [7, {}, {"jobs": []}, {"questions": [["document"]], "of_all": [0], "names": "", "jobs": []}],
    ids=["number", "empty", "without questions", "half a question"],
)
def test_damaged_jobs_are_compiled(lab: Path, damaged: object) -> None:
    """What is no record of jobs is none."""
    made = checked(lab, damaged)

    assert set(made.calls) == set(made.compiled)
    assert checked(lab).diagnostics == made.diagnostics


def test_credentials_are_not_kept(lab: Path) -> None:
    """A job in which something is told of a credential is compiled each time, and nothing of it is kept."""
    password = "hunter2hunter2"
    text = f"mlflow:\n  tracking_uri: ftp://me:{password}@host\n"
    made = after(lab, "train.yaml", FILES["lab/config/train.yaml"] + text)

    assert made.diagnostics
    assert password not in json.dumps(made.jobs)


def test_job_stays_kept_over_checks_that_do_not_compile_it(lab: Path) -> None:
    """What a check takes over from an earlier one it hands on as it is, and the next one compiles nothing either."""
    first = checked(lab)
    second = checked(lab, first.jobs)
    third = checked(lab, second.jobs)

    assert () == third.compiled
    assert (first.diagnostics, first.calls) == (third.diagnostics, third.calls)
