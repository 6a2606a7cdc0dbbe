"""Tab completion: what is offered, in real shells too, and how it is installed."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from serotiny.cli.app import cli
from serotiny.cli.commands.new import create_project
from serotiny.cli.completion import VARIABLE
from serotiny.cli.completion.answer import completions
from serotiny.cli.completion.shells import SHELL_NAMES

HEAVY = ("torch", "mlflow", "pandas", "numpy", "rich", "hydra", "omegaconf", "pydantic", "griffe")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = create_project({}, no_input=True, output_dir=tmp_path)
    monkeypatch.chdir(made)
    return made


def _offered(line: str) -> list[str]:
    *words, current = line.split(" ")
    return [candidate.value for candidate in completions(words, current)]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("tr", ["train"]),
        ("check ", ["config"]),
        ("check config p", ["predict"]),
        ("train --c", ["--cfg", "--config-dir"]),
        ("train --cfg ", ["job", "hydra", "all"]),
        ("train --cfg=h", ["--cfg=hydra"]),
        ("train mod", ["model=", "model."]),
        ("train model=", ["model=default", "model=my_model"]),
        ("train -m model=default,m", ["model=default,my_model"]),
        ("train trainer/", ["trainer/callbacks="]),
        ("train model.opt", ["model.optimizer."]),
        ("train model.optimizer.l", ["model.optimizer.lr="]),
        ("train +model.optimizer.w", ["+model.optimizer.weight_decay="]),
        ("train ++trainer.max_", ["++trainer.max_epochs=", "++trainer.max_steps=", "++trainer.max_time="]),
        ("train test=", ["test=true", "test=false"]),
        ("train mlflow.on_existing=r", ["mlflow.on_existing=resume"]),
        ("train +trainer.enable_progress_bar=t", ["+trainer.enable_progress_bar=true"]),
        ("train ~trainer.cal", ["~trainer.callbacks", "~trainer.callbacks."]),
        ("train model=my_model model.n_", ["model.n_classes="]),
        ("check config train model=my_model model.n_", ["model.n_classes="]),
        ("compile test see", ["seed="]),
        ("explain trainer.max_ep", ["trainer.max_epochs"]),
        ("explain SER20", ["SER201", "SER202", "SER203", "SER204", "SER205", "SER206"]),
        ("explain seed pre", ["predict", "predict="]),
        ("completion install z", ["zsh"]),
    ],
)
def test_offers_what_may_follow(project: Path, line: str, offered: list[str]) -> None:
    """Commands, flags, groups, options, keys, parameters and choices are offered where they fit."""
    assert offered == _offered(line)


def test_edited_config_is_seen_at_once(project: Path) -> None:
    """An index is made anew when a file of the config changes, comes or goes."""
    config = project / "a_tiny_project/config"
    assert [] == _offered("train model=n")
    shutil.copy(config / "model/default.yaml", config / "model/new.yaml")
    assert ["model=new"] == _offered("train model=n")
    train = config / "train.yaml"
    train.write_text(train.read_text("utf-8") + "sizes: 3\n", "utf-8")
    assert ["sizes="] == _offered("train siz")
    (config / "model/new.yaml").unlink()
    assert [] == _offered("train model=n")


def test_outside_of_a_project_commands_are_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a project there are no keys, and no error."""
    monkeypatch.chdir(tmp_path)
    assert [] == _offered("train mod")
    assert ["train"] == _offered("tra")


def test_warm_completion_imports_nothing_heavy(project: Path) -> None:
    """The second answer comes from the stored indexes alone."""
    code = (
        "import json, sys\nfrom serotiny.cli.main import main\n"
        "main(sys.argv[1:])\nprint(json.dumps(sorted(sys.modules)))"
    )
    command = [sys.executable, "-c", code, "train", "+trainer.max_"]
    environment = {**os.environ, VARIABLE: "zsh"}
    for _ in range(2):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    modules = {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}
    assert set() == modules & set(HEAVY)
    assert "open\t+trainer.max_steps=" in done.stdout


# ---- real shells ----


def _environment(home: Path) -> dict[str, str]:
    scripts = str(Path(sys.executable).parent)
    kept = {key: value for key, value in os.environ.items() if key.startswith("SEROTINY")}
    path = f"{scripts}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "HOME": str(home), "TERM": "dumb", "LANG": "C.UTF-8"}


def _needs(shell: str) -> str:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    return program


def _bash(line: str, home: Path) -> list[str]:
    script = """
source <(serotiny completion show bash)
COMP_LINE=$1; COMP_POINT=${#1}; COMPREPLY=()
_serotiny_completion serotiny
printf '%s\\n' "${COMPREPLY[@]}"
"""
    command = [_needs("bash"), "--norc", "-c", script, "bash", line]
    done = subprocess.run(command, env=_environment(home), capture_output=True, text=True, check=False)
    assert "" == done.stderr.replace("bash: warning: setlocale", "")
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "replies"),
    [
        ("serotiny tra", ["train"]),
        ("serotiny train model=my", ["my_model"]),
        ("serotiny train trainer.acc", ["trainer.accelerator="]),
        ("serotiny train +trainer.precision=bf16-", ["bf16-true", "bf16-mixed"]),
        ("serotiny train 'model=my", ["my_model"]),
    ],
)
def test_bash_gets_the_rest_behind_its_word_break(
    project: Path, tmp_path: Path, line: str, replies: list[str]
) -> None:
    """To bash a word ends at `=`, so the replies are what stands behind it."""
    assert replies == _bash(line, tmp_path)


def test_fish_completes(project: Path, tmp_path: Path) -> None:
    """Fish asks through its own `complete -C`."""
    script = "serotiny completion show fish | source; complete -C 'serotiny train model='"
    command = [_needs("fish"), "--no-config", "-c", script]
    done = subprocess.run(command, env=_environment(tmp_path), capture_output=True, text=True, check=True)
    assert ["model=default", "model=my_model"] == [
        line.partition("\t")[0] for line in done.stdout.splitlines()
    ]


def _type(command: Sequence[str], environment: dict[str, str], keys: Sequence[str], wanted: str) -> str:
    """Type into an interactive shell until `wanted` shows; gives the screen."""
    process, terminal = pty.fork()
    if process == 0:
        os.execvpe(command[0], list(command), environment)
    screen = ""
    try:
        for text in keys:
            os.write(terminal, text.encode())
            end = time.monotonic() + (30 if text is keys[-1] else 2)
            while time.monotonic() < end and wanted not in screen:
                if select.select([terminal], [], [], 0.1)[0]:
                    screen += os.read(terminal, 4096).decode("utf-8", "replace")
    finally:
        os.kill(process, 9)
        os.waitpid(process, 0)
        os.close(terminal)
    return screen


def test_zsh_completes(project: Path, tmp_path: Path) -> None:
    """An interactive zsh puts the one option that fits in place of what was typed."""
    keys = ("source <(serotiny completion show zsh)\n", "serotiny train model=my\t")
    screen = _type([_needs("zsh"), "-f", "-i"], _environment(tmp_path), keys, "_model")
    assert "_model" in screen


@pytest.mark.parametrize("shell", SHELL_NAMES)
def test_installing_twice_changes_nothing(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The script is written and loaded once, and what stood in the start file stays."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "ZDOTDIR"):
        monkeypatch.delenv(name, raising=False)
    start = {"bash": tmp_path / ".bashrc", "zsh": tmp_path / ".zshrc"}.get(shell)
    if start is not None:
        start.write_text("alias ll='ls -l'", "utf-8")
    first = CliRunner().invoke(cli, ["completion", "install", shell], standalone_mode=False)
    before = {path: path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()}
    second = CliRunner().invoke(cli, ["completion", "install", shell], standalone_mode=False)
    assert (0, 0) == (first.return_value, second.return_value)
    assert before == {path: path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()}
    assert "wrote " in first.stdout
    assert "is up to date" in second.stdout
    if start is not None:
        assert before[start].startswith("alias ll='ls -l'\n")
        assert 2 == len(before[start].splitlines())


def test_installed_bash_completion_is_loaded(project: Path, tmp_path: Path) -> None:
    """A new interactive bash knows the completion from its start file."""
    environment = _environment(tmp_path)
    install = [sys.executable, "-m", "serotiny.cli.main", "completion", "install", "bash"]
    subprocess.run(install, env=environment, check=True, capture_output=True)
    shown = [_needs("bash"), "--rcfile", str(tmp_path / ".bashrc"), "-i", "-c", "complete -p serotiny"]
    done = subprocess.run(shown, env=environment, capture_output=True, text=True, check=True)
    assert "_serotiny_completion" in done.stdout


def test_unknown_shell_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a known shell in $SHELL one has to be named."""
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    result = CliRunner().invoke(cli, ["completion", "install"], standalone_mode=False)
    assert "name a shell: bash, zsh, fish" in str(result.exception)
