"""What a plan says of where its values come from."""

from __future__ import annotations

from pathlib import Path

from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project

MODEL = "_target_: serotiny.models.TabularVAE\nx_dim: 2\nlatent_dim: 1\nhidden_layers: [4]\nx_label: x\n"
DATA = "_target_: serotiny.datamodules.ManifestDatamodule\npath: d.csv\nloaders: {x: {_target_: serotiny.io.dataframe.loaders.LoadColumns}}\n"


def project(folder: Path, package: str = "own", table: str = "") -> Path:
    config = folder / package / "config"
    for name, text in {
        "model/default.yaml": MODEL,
        "data/default.yaml": DATA,
        "train.yaml": "defaults: [{data: default}, {model: default}, _self_]\nseed: 3\n",
        "test.yaml": "",
        "predict.yaml": "",
    }.items():
        file = config / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder / "pyproject.toml").write_text(f'[tool.serotiny]\npackage = "{package}"\n{table}')
    return folder


def test_each_value_has_its_file_override_or_default(tmp_path: Path) -> None:
    """Under the keys of the plan; list items by their index, credentials of overrides masked."""
    compiler = Compiler.of_project(find_project(project(tmp_path), None, ()))
    overrides = ("model.latent_dim=2", "+mlflow.tags={token: hunter2secret}")
    origins = compiler.compile_job("train", overrides).plan().origins

    assert "own/config/model/default.yaml:4" == origins["model.hidden_layers[0]"]
    assert "own/config/train.yaml:2" == origins["seed"]
    assert "override `model.latent_dim=2`" == origins["model.latent_dim"]
    assert "schema default" == origins["mlflow.heartbeat_s"]
    assert "hunter2secret" not in str(origins)


def test_a_part_that_is_null_has_no_origins_below(tmp_path: Path) -> None:
    """Filling in the parts of another layout does not stumble over `null`."""
    (folder := tmp_path / "own" / "config").mkdir(parents=True)
    (folder / "train.yaml").write_text("net: {_target_: torch.nn.Identity}\ntrainer: null\nmlflow: null\n")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.serotiny]\npackage = "own"\n[tool.serotiny.operations]\ntrain = "train"\n'
        '[tool.serotiny.layout]\nmodel = "net"\ntrainer = "trainer"\n'
    )
    job = Compiler.of_project(find_project(tmp_path, None, ())).compile_job("train", ())
    origins = job.plan().origins
    assert {"model._target_": "own/config/train.yaml:1"} == {
        key: text for key, text in origins.items() if key.startswith("model")
    }
