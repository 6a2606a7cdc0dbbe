"""A checkpoint that somebody else has put there, where a call names it or in a run: it is refused before torch is imported."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from serotiny.schemas.mlflow import MlflowConfig
from serotiny.tracking import Finished, Refusal, RunRequest, open_run
from tests.fakes.hostile_configs import DOCUMENT, write_study

# MLflow's own use of SQLAlchemy
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")

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


@pytest.fixture(scope="module")
def run_of_others(study: Path) -> tuple[str, ...]:
    """The overrides for a run of which every checkpoint, in its folder and in the store, would run a command."""
    settings = MlflowConfig(
        tracking_uri=f"sqlite:///{study}/mlflow.db", experiment_name="tampered", drain_s=30
    )
    request = RunRequest(
        operation="train",
        run_name="tampered",
        logged_config={},
        identity="",
        run_dir=study / "trained",
        project_root=study,
    )
    session = open_run(settings, request)
    assert not isinstance(session, Refusal | Finished), session
    for name in ("last.ckpt", "best-loss.ckpt"):
        file = session.info.run_dir / "checkpoints" / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes((study / "evil.ckpt").read_bytes())
        session.upload_checkpoint(file, step=10, monitor=None if name == "last.ckpt" else "loss")
    assert () == session.close("FINISHED").left
    return (
        f"++mlflow.tracking_uri={settings.tracking_uri}",
        "++mlflow.experiment_name=tampered",
        "++mlflow.run_name=tampered",
    )


@pytest.mark.parametrize(
    ("operation", "named"),
    [("test", ()), ("test", ("++ckpt_path=last",)), ("predict", ("++ckpt_path=best",))],
)
def test_a_checkpoint_of_a_tampered_run_is_refused_before_torch_is_imported(
    study: Path, run_of_others: tuple[str, ...], operation: str, named: tuple[str, ...]
) -> None:
    """MLflow alone has been imported, by which the run is found."""
    process = subprocess.run(
        [sys.executable, "-c", PROBE, operation, *run_of_others, *named],
        cwd=study,
        capture_output=True,
        text=True,
        check=False,
    )

    assert [2, ["mlflow"]] == json.loads(process.stdout.splitlines()[-1]), process.stderr
    assert "not read: `posix.system`" in process.stdout + process.stderr
    assert not (study / "canary").exists()
