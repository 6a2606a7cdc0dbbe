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
    (root / "empty.ckpt").touch()
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
        (("compile", "train", "++ckpt_path=evil.ckpt"), "not read: `posix.system`"),
        (("train", "--plan", "plan.yaml"), "not read: `posix.system`"),
        (("test", "++ckpt_path=half.ckpt"), "`half.ckpt` is not a whole checkpoint"),
        (("test", "++ckpt_path=empty.ckpt"), "`empty.ckpt` is not a whole checkpoint"),
    ],
)
def test_a_checkpoint_that_means_harm_is_refused_with_its_place(
    study: Path, arguments: tuple[str, ...], said: str
) -> None:
    """Nothing is started, and nothing that takes seconds is imported."""
    if "--plan" in arguments:
        with zipfile.ZipFile(study / "swapped.ckpt", "w") as archive:
            archive.writestr("last/data.pkl", b"\x80\x02}.")
        compiling = ["compile", "train", "++ckpt_path=swapped.ckpt", "-o", "plan.yaml"]
        subprocess.run([sys.executable, "-m", "serotiny.cli.main", *compiling], cwd=study, check=True)
        (study / "swapped.ckpt").write_bytes((study / "evil.ckpt").read_bytes())

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
def test_a_checkpoint_of_a_tampered_run_is_refused_before_the_store_is_opened(
    study: Path, run_of_others: tuple[str, ...], operation: str, named: tuple[str, ...]
) -> None:
    """Neither MLflow nor torch has been imported, each of which takes longer than to refuse it."""
    process = subprocess.run(
        [sys.executable, "-c", PROBE, operation, *run_of_others, *named],
        cwd=study,
        capture_output=True,
        text=True,
        check=False,
    )

    assert [2, []] == json.loads(process.stdout.splitlines()[-1]), process.stderr
    assert "not read: `posix.system`" in process.stdout + process.stderr
    assert not (study / "canary").exists()


LOADING = """
import json, sys
from serotiny.diagnostics import SerotinyError
from serotiny.ml_ops.mlflow_utils import load_datamodule, load_model_from_checkpoint
said = []
for call in (load_model_from_checkpoint, load_datamodule):
    try:
        call(*sys.argv[1:])
    except SerotinyError as error:
        said.append(str(error))
print(json.dumps([said, sorted({"torch", "mlflow", "pytorch_lightning"} & set(sys.modules))]))
"""


def loaded(*arguments: str) -> list[list[str]]:
    """What loading a model, and a data module, says in a process of its own, and what heavy packages were imported."""
    process = subprocess.run(
        [sys.executable, "-c", LOADING, *arguments], capture_output=True, text=True, check=True
    )
    found: list[list[str]] = json.loads(process.stdout.splitlines()[-1])
    return found


def test_a_stored_config_that_means_harm_is_refused_before_the_store_is_opened(tmp_path: Path) -> None:
    """By the id of the run and by its name; neither MLflow nor torch has been imported."""
    harm = {"_target_": "os.system", "command": f"touch {tmp_path}/canary"}
    uri = _stored(tmp_path, {"model": harm, "data": harm}, checkpoint=None)

    said, imported = loaded(uri, "stored")

    assert imported == []
    assert ["`model._target_`: `os.system` may not", "`data._target_`: `os.system` may not"] == [
        text.partition(" be named")[0] for text in said
    ]
    assert not (tmp_path / "canary").exists()


def test_a_stored_checkpoint_that_means_harm_is_refused_before_the_store_is_opened(
    study: Path, tmp_path: Path
) -> None:
    """The model, whose own code would run, is not made for it."""
    model = {"_target_": "pytorch_lightning.LightningModule"}
    uri = _stored(tmp_path, {"model": model, "data": {}}, checkpoint=study / "evil.ckpt")

    said, imported = loaded(uri, "stored")

    assert imported == []
    assert "last.ckpt holds objects that are not plain data and is not read: `posix.system`" in said[0]
    assert not (study / "canary").exists()


def _stored(root: Path, config: dict[str, object], checkpoint: Path | None) -> str:
    """The address of a store with a run of this config and checkpoint."""
    settings = MlflowConfig(tracking_uri=f"sqlite:///{root}/mlflow.db", experiment_name="s", drain_s=30)
    request = RunRequest(
        operation="train",
        run_name="stored",
        logged_config=config,
        identity="",
        run_dir=root / "trained",
        project_root=root,
    )
    session = open_run(settings, request)
    assert not isinstance(session, Refusal | Finished), session
    if checkpoint is not None:
        file = session.info.run_dir / "checkpoints" / "last.ckpt"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(checkpoint.read_bytes())
        session.upload_checkpoint(file, step=10)
    assert () == session.close("FINISHED").left
    return str(settings.tracking_uri)
