"""What the command itself says about a world that is not as it should be: each time a message, never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MODEL = "pkg/config/model/default.yaml"
TRAIN = "pkg/config/train.yaml"
GOOD = "_target_: serotiny.models.TabularVAE\nx_label: x\nx_dim: 2\nlatent_dim: 2\nhidden_layers: [8]\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in {
        "pyproject.toml": '[tool.serotiny]\npackage = "pkg"\n',
        "pkg/__init__.py": "",
        MODEL: GOOD,
        "pkg/config/data/default.yaml": "_target_: pytorch_lightning.LightningDataModule\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit status, and all that was said."""
    process = subprocess.run(
        [sys.executable, "-m", "serotiny.cli.main", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    said = process.stdout + process.stderr
    assert "Traceback" not in said
    return process.returncode, said


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (MODEL, b"_target_:\n\tx: 1\n", "SER101]: YAML syntax: a tab is used for indentation\n  --> {}:2:1"),
        (MODEL, GOOD.encode() + b"x_dim: 3\n", "SER102]: the key `x_dim` is given twice\n  --> {}:6:1"),
        (MODEL, b"# caf\xe9\n" + GOOD.encode(), "SER108]: `{0}` is not UTF-8: byte 0xe9\n  --> {0}:1:6"),
        (MODEL, b"", "SER302]: `model` needs `_target_`\n  --> {}:1:1"),
        (MODEL, b"a: \x00\n", "SER108]: character U+0000 is not allowed in YAML\n  --> {}:1:4"),
        (MODEL, b"- 1\n", "SER"),
        (
            TRAIN,
            b"defaults:\n  - model: defalt\n",
            "SER104]: `defalt` is not an option of `model`\n  --> {}:2:12",
        ),
        (TRAIN, b"defaults:\n  - modl: default\n", "SER103]: there is no config group `modl`\n  --> {}:2:5"),
    ],
    ids=["tab", "duplicate-key", "latin-1", "empty", "nul", "list", "missing-option", "missing-group"],
)
def test_a_file_that_is_not_as_it_should_be_is_told_in_place(
    project: Path, name: str, content: bytes, message: str
) -> None:
    """The fault is told at its place, in the file's own lines, and the exit status is 1."""
    (project / name).write_bytes(content)

    status, said = run(project, "check", "config", "train")

    assert 1 == status
    assert message.format(name) in said


def test_training_says_what_checking_says(project: Path) -> None:
    """A file that cannot be read keeps the job from starting, with the same report."""
    (project / MODEL).write_bytes(b"_target_:\n\tx: 1\n")

    assert run(project, "check", "config", "train") == run(project, "train")


def test_a_byte_order_mark_is_no_fault(project: Path) -> None:
    """A file that begins with one is read as if it had none."""
    (project / MODEL).write_bytes(b"\xef\xbb\xbf" + GOOD.encode())

    assert (0, "nothing wrong in 1 job\n") == run(project, "check", "config", "train")


def test_columns_behind_a_byte_order_mark_are_right(project: Path) -> None:
    """The mark counts for nothing in the line that it stands in."""
    (project / MODEL).write_bytes(b"\xef\xbb\xbf" + GOOD.replace("TabularVAE", "TabularVA").encode())

    status, said = run(project, "check", "config", "train")

    assert 1 == status
    assert f"--> {MODEL}:1:11\n   |\n 1 | _target_: serotiny.models.TabularVA\n   |           ^^^^^" in said


def test_nothing_behind_an_equals_sign_is_told(project: Path) -> None:
    """An override whose value was forgotten is not taken for an empty text in silence."""
    status, said = run(project, "check", "config", "train", "++trainer.max_epochs=")

    assert 1 == status
    assert "help: nothing stands behind `=`; write `null` for none" in said


def test_an_option_that_is_a_folder_is_no_option(project: Path) -> None:
    """A folder named like a config is not offered, nor taken, nor compiled."""
    (project / "pkg/config/model/vae.yaml").mkdir()

    status, said = run(project, "check", "config", "train", "model=vae")

    assert 1 == status
    assert "SER104]: `vae` is not an option of `model`" in said
    assert "note: `model` has `default`\n" in said
    assert 0 == run(project, "check", "config")[0]


@pytest.mark.parametrize("command", [("check", "config"), ("train",), ("explain", "seed")])
def test_no_project_here_says_what_to_do(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Every command about a project names both ways to get one."""
    status, said = run(tmp_path, *command)

    assert 2 == status
    assert said.startswith(f"error: no serotiny project in {tmp_path} or above")
    assert "`serotiny new`" in said


def test_a_config_folder_that_is_a_file_is_told(project: Path) -> None:
    """The table that names it is told, and what is wrong with the folder."""
    (project / "pkg/config").rename(project / "pkg/elsewhere")
    (project / "pkg/config").touch()

    status, said = run(project, "check", "config")

    assert 2 == status
    assert f"config: the config folder {project / 'pkg/config'} is a file, not a folder" in said


def test_a_config_dir_that_is_a_file_is_told(project: Path) -> None:
    """`--config-dir` with a file says so."""
    status, said = run(project, "check", "config", "--config-dir", MODEL)

    assert 2 == status
    assert f"--config-dir: the config folder {project / MODEL} is a file, not a folder" in said


LONG = "x" * 300


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("check", "config", "train", f"model={LONG}"), 1),
        (("check", "config", "train", f"model.{LONG}=1"), 1),
        (("check", "config", "--config-dir", LONG), 2),
        (("compile", "train", "-o", LONG), 2),
    ],
    ids=["option", "key", "config-dir", "plan"],
)
def test_a_name_too_long_for_a_disk_is_told_like_one_that_is_not_there(
    project: Path, arguments: tuple[str, ...], status: int
) -> None:
    """Asking the disk about such a name fails, which is not the user's to read."""
    found, said = run(project, *arguments)

    assert status == found
    assert "internal error" not in said
    assert f"{LONG}" in said
