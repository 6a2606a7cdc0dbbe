"""A checkpoint that a call names and that somebody else has put there: it is refused before torch is imported."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.fakes.hostile_configs import DOCUMENT, write_study

PROBE = """
import json, sys
from serotiny.cli.main import main
status = main(sys.argv[1:])
print(json.dumps([status, sorted({"torch", "mlflow", "pytorch_lightning"} & set(sys.modules))]))
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose checkpoint would run a command."""
    root = tmp_path_factory.mktemp("study")
    config = write_study(root)
    for operation in ("train", "test", "predict"):
        text = DOCUMENT["base"].replace("mode: train\n", "")
        config.with_name(f"{operation}.yaml").write_text(text)
    with zipfile.ZipFile(root / "evil.ckpt", "w") as archive:
        command = f"touch {root}/canary".encode()
        text = b"X" + len(command).to_bytes(4, "little") + command
        archive.writestr("last/data.pkl", b"\x80\x02cposix\nsystem\n" + text + b"\x85R.")
    (root / "half.ckpt").write_bytes((root / "evil.ckpt").read_bytes()[:-30])
    return root


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("train", "++ckpt_path=evil.ckpt"), "`evil.ckpt` holds objects that are not plain data"),
        (("test", "++ckpt_path=evil.ckpt"), "not read: `posix.system`"),
        (("predict", "++ckpt_path=evil.ckpt"), "not read: `posix.system`"),
        (("rehearse", "train", "++ckpt_path=evil.ckpt"), "not read: `posix.system`"),
        (
            ("train", "-m", "++ckpt_path=evil.ckpt", "seed=1,2", "++mlflow.run_name='r${seed}'"),
            "not read: `posix.system`",
        ),
        (("train", "--plan", "plan.yaml"), "not read: `posix.system`"),
        (("test", "++ckpt_path=half.ckpt"), "`half.ckpt` is not a whole checkpoint"),
    ],
)
def test_a_checkpoint_that_means_harm_is_refused_with_its_place(
    study: Path, arguments: tuple[str, ...], said: str
) -> None:
    """Nothing is started, and nothing that takes seconds is imported."""
    if "--plan" in arguments:
        compiling = ["compile", "train", "++ckpt_path=evil.ckpt", "-o", "plan.yaml"]
        subprocess.run([sys.executable, "-m", "serotiny.cli.main", *compiling], cwd=study, check=True)

    process = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], cwd=study, capture_output=True, text=True, check=False
    )

    assert [1, []] == json.loads(process.stdout.splitlines()[-1]), process.stderr
    assert "error[SER309]: the checkpoint " in process.stderr
    assert said in process.stderr
    assert not (study / "canary").exists()
