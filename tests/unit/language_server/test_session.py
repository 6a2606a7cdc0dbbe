"""A session compiles again what an edit reaches, and comes to what a fresh compiler says."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.cli.commands.new import create_project
from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from serotiny.compiler.project_check.compile_project import compile_project
from serotiny.compiler.sources.sources import Sources
from serotiny.compiler.validation.validate import Validator
from serotiny.language_server.session import Session


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return create_project({}, no_input=True, output_dir=tmp_path)


@pytest.fixture
def config(project: Path) -> Path:
    return project / "a_tiny_project" / "config"


@pytest.fixture
def session(project: Path) -> Session:
    made = Session(find_project(project))
    made.refresh_all()
    return made


def _steps(session: Session) -> int:
    return sum(1 for _ in session.refresh())


def _messages(session: Session) -> dict[str, list[str]]:
    return {path.name: [found.message for found in faults] for path, faults in session.diagnostics().items()}


def test_edit_of_an_option_compiles_only_its_job(session: Session, config: Path) -> None:
    """A file that only one job reads costs one compilation."""
    path = config / "model/my_model.yaml"
    session.edit(path, path.read_text("utf-8") + "# a comment\n")
    assert 1 == _steps(session)


def test_an_opened_file_need_not_wait_for_the_other_jobs(project: Path, config: Path) -> None:
    """Its faults are known after the first job that reads it, before the project is checked; a stale job does not count."""
    path = config / "train.yaml"
    opened = Session(find_project(project))
    opened.edit(path, path.read_text("utf-8") + "\nsede: 1\n")
    assert not opened.is_compiled(path)

    next(opened.refresh())

    assert (True, False) == (opened.is_compiled(path), opened.is_fresh)
    assert ["train.yaml"] == list(_messages(opened))
    opened.edit(path, path.read_text("utf-8"))
    assert not opened.is_compiled(path)


def test_same_text_compiles_nothing(session: Session, config: Path) -> None:
    """An edit that leaves the text as it was costs nothing."""
    path = config / "model/my_model.yaml"
    session.edit(path, "a: 1\n")
    session.refresh_all()
    session.edit(path, "a: 1\n")
    assert 0 == _steps(session)


def test_broken_off_refresh_is_taken_up_again(session: Session, config: Path) -> None:
    """What a newer edit interrupts stays stale until it is compiled."""
    path = config / "train.yaml"
    session.edit(path, path.read_text("utf-8") + "\nsede: 1\n")
    next(session.refresh())
    assert not session.is_fresh
    session.edit(path, path.read_text("utf-8"))
    session.refresh_all()
    assert session.is_fresh
    assert {} == _messages(session)


def test_choice_of_another_default_changes_the_jobs(session: Session, config: Path) -> None:
    """When an operation chooses another option, the one that it leaves is checked by itself."""
    before = len(session.diagnostics())
    broken = config / "model/default.yaml"
    session.edit(broken, broken.read_text("utf-8").replace("latent_dim", "latent_dims"))
    for name in ("train", "test", "predict"):
        path = config / f"{name}.yaml"
        text = path.read_text("utf-8").replace("model: default", "model: my_model")
        session.edit(path, text.replace("data: default", "data: my_data"))
    session.refresh_all()
    assert 0 == before
    faults = session.diagnostics()[broken]
    assert {"SER301"} == {fault.code for fault in faults}
    assert {"model=default"} == {session.only_with(fault) for fault in faults}


def test_new_file_becomes_an_option_before_it_is_saved(session: Session, config: Path) -> None:
    """A file that is only in the editor is an option of its group, and is checked."""
    path = config / "model/new.yaml"
    session.edit(path, "_target_: serotiny.models.TabularVAE\nx_lable: a\n")
    session.refresh_all()
    assert "`x_lable` is not a parameter of serotiny.models.TabularVAE" in _messages(session)["new.yaml"]


def test_file_that_is_deleted_is_missed(session: Session, config: Path) -> None:
    """When a file goes, what chooses it is at fault."""
    (config / "model/default.yaml").unlink()
    session.files_changed()
    session.refresh_all()
    assert "`default` is not an option of `model`" in _messages(session)["train.yaml"]


def test_changed_python_source_is_read_anew(session: Session, project: Path, config: Path) -> None:
    """A parameter that a class of the project gains is known after its source was saved."""
    source = project / "a_tiny_project/callbacks.py"
    path = config / "trainer/callbacks/my_callbacks.yaml"
    session.edit(path, path.read_text("utf-8") + "  every: 3\n")
    session.refresh_all()
    assert "SER301" in {fault.code for fault in session.diagnostics()[path]}
    text = source.read_text("utf-8")
    source.write_text(text.replace("(self, metric: str", "(self, every: int = 1, metric: str"), "utf-8")
    session.reload_code()
    session.refresh_all()
    assert {} == _messages(session)


def test_saved_script_is_found(session: Session, project: Path) -> None:
    """A script that comes to the project while it is edited is one of its entry points."""
    known = session.project.entry_points()
    (project / "fit.py").write_text(
        "import hydra\n\n\n@hydra.main(config_path='conf', config_name='fit')\ndef main(cfg): ...\n", "utf-8"
    )
    session.reload_code()

    assert ["fit"] == [point.config for point in session.project.entry_points() if point not in known]


@pytest.mark.parametrize(
    "text", ["", ":", "- a", "defaults: 3", "defaults:\n  - nothing: x", "a: &a [*a]", "\x00"]
)
def test_any_text_gives_what_a_fresh_compiler_says(
    session: Session, project: Path, config: Path, text: str
) -> None:
    """Whatever stands in the primary config, the session agrees with compiling everything anew."""
    path = config / "train.yaml"
    session.edit(path, text)
    session.refresh_all()
    found = find_project(project)
    fresh = compile_project(Compiler(Sources(found, {path: text}), Validator.of_project(found)))
    expected = sorted((fault.code, fault.message) for fault in fresh.diagnostics)
    shown = sorted(
        (fault.code, fault.message) for faults in session.diagnostics().values() for fault in faults
    )
    assert expected == shown
