"""What a store holds was written by whoever may write there: what of it is refused, before anything is made."""

from __future__ import annotations

from pathlib import Path

import pytest
from mlflow import MlflowClient

from serotiny.diagnostics import SerotinyError
from serotiny.ml_ops.mlflow_utils import load_datamodule, load_model_from_checkpoint

# MLflow's own use of SQLAlchemy
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")

TAGS = {"serotiny.state": "owned", "serotiny.layout": "1", "serotiny.operation": "train"}
MODULE = "pytorch_lightning.LightningModule"
REFUSED = "`os.system` may not|has no parameter `(part|name)`"
TEXTS = "".join(f"  a{number}: '{f'${{.a{number - 1}}}' * 10}'\n" for number in range(1, 25))
VALUES = "".join(
    f"  b{number}: [" + ", ".join([f"'${{..b{number - 1}}}'"] * 10) + "]\n" for number in range(1, 25)
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A store with one run, and the file in which its config lies."""
    folder = tmp_path_factory.mktemp("store")
    uri = f"sqlite:///{folder}/mlflow.db"
    client = MlflowClient(uri)
    experiment = client.create_experiment("study", (folder / "mlartifacts").as_uri())
    run = client.create_run(experiment, tags=TAGS, run_name="stored")
    client.log_text(run.info.run_id, "model: {}\n", "config/train.yaml")
    return uri, folder / "mlartifacts" / run.info.run_id / "artifacts" / "config" / "train.yaml"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("  _target_: os.system\n  command: touch @CANARY@\n", "`os.system` may not be named by a config"),
        ("  _target_: torch.load\n  f: x\n", "may not be named"),
        (
            f"  _target_: {MODULE}\n  part: [{{_target_: os.system, command: touch @CANARY@}}]\n",
            REFUSED,
        ),
        (
            f"  _target_: {MODULE}\n  _recursive_: false\n  part: {{_target_: os.system}}\n",
            REFUSED,
        ),
        (
            f"  _target_: {MODULE}\n  name: os.system\n  part: {{_target_: '${{..name}}'}}\n",
            REFUSED,
        ),
        (
            f"  _target_: {MODULE}\n  part: {{_target_: '${{oc.env:NOT_SET,os.system}}'}}\n",
            REFUSED,
        ),
        (
            f"  _target_: {MODULE}\n  part: '${{oc.create:{{_target_:os.system}}}}'\n",
            REFUSED,
        ),
        (f"  _target_: {MODULE}\n  a0: xxxxxxxxxx\n{TEXTS}", "comes to more than 1,000,000 characters"),
        (f"  _target_: {MODULE}\n  b0: [1, 2, 3]\n{VALUES}", "comes to more than 50,000 values"),
        (f"  _target_: {MODULE}\n  a: ${{.a}}\n", "interpolation cycle"),
        (f"  _target_: {MODULE}\n  a: '{'${' * 3000}'\n", "cannot be resolved"),
        (f"  _target_: {MODULE}\n  a: {'{a: ' * 90}1{'}' * 90}\n", "nested deeper than 65 levels"),
        (
            f"  _target_: {MODULE}\n  a: {'{a: ' * 60}1{'}' * 60}\n  b: {'{a: ' * 60}'${{a}}'{'}' * 60}\n",
            "nested deeper than 64 levels",
        ),
        (f"  _target_: {MODULE}\n  a: 1{':59' * 3000}\n", "more than 1,000 characters"),
        (f"  _target_: {MODULE}\n  a: &a [1]\n  b: *a\n", "aliases have no place"),
    ],
)
def test_a_config_that_means_harm_is_refused(
    store: tuple[str, Path], body: str, said: str, tmp_path: Path
) -> None:
    """Nothing is called, and what would take all time or memory is told as what it is."""
    uri, config = store
    text = body.replace("@CANARY@", str(tmp_path / "canary"))
    config.write_text(f"model:\n{text}data:\n{text}")

    with pytest.raises(SerotinyError, match=said):
        load_model_from_checkpoint(uri, "stored")
    with pytest.raises(SerotinyError):
        load_datamodule(uri, "stored")

    assert not (tmp_path / "canary").exists()


def test_a_data_module_with_workers_without_end_is_not_made(store: tuple[str, Path]) -> None:
    """Each would be started as soon as its data are asked for."""
    uri, config = store
    config.write_text(
        "data:\n  _target_: serotiny.datamodules.ManifestDatamodule\n  path: x.csv\n  loaders: {}\n"
        "  num_workers: 1000000000\n"
    )

    with pytest.raises(SerotinyError, match=r"`data\.num_workers` must be at most 1000"):
        load_datamodule(uri, "stored")


@pytest.mark.parametrize("target", ["/etc/passwd", "/dev/zero"])
def test_a_config_that_is_a_link_is_not_followed(store: tuple[str, Path], target: str) -> None:
    """What it leads to is of this machine, and none of the run's."""
    uri, config = store
    config.unlink(missing_ok=True)
    config.symlink_to(target)

    with pytest.raises(SerotinyError, match=r"config/train\.yaml in file://.*/mlartifacts/.* cannot be read"):
        load_model_from_checkpoint(uri, "stored")
    config.unlink()


def test_a_config_that_is_no_text_is_told(store: tuple[str, Path]) -> None:
    """Before the store is asked for it."""
    uri, config = store
    config.unlink(missing_ok=True)
    config.write_bytes(b'model: {_target_: "\xff\xfe"}')

    with pytest.raises(SerotinyError, match=r"\(config/train\.yaml\) cannot be read: 'utf-8' codec"):
        load_model_from_checkpoint(uri, "stored")
    config.unlink()
