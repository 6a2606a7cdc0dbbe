"""Knowledge that no signature has: metrics, manifests, and the checks that packages register."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from serotiny.cli.commands.new import create_project
from serotiny.compiler.checks.run import CheckError
from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from serotiny.compiler.project_check.compile_project import compile_project
from serotiny.diagnostics import Diagnostic

ROOT = Path(__file__).parents[3]
MINE = ("model=my_model", "data=my_data")
BEST = "trainer.callbacks.best"
CONFIG = "a_tiny_project/config"

STREAMED = """
_target_: serotiny.datamodules.StreamedDatamodule
path: data
loaders:
  measurements: {_target_: serotiny.io.dataframe.loaders.LoadColumns, endswith: _cm}
  species:
    _target_: serotiny.io.dataframe.loaders.LoadClass
    column: species
    classes: [setosa, versicolor, virginica]
"""
EARLY = """
early:
  _target_: pytorch_lightning.callbacks.EarlyStopping
  monitor: val_loss
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return create_project({}, no_input=True, output_dir=tmp_path_factory.mktemp("new"))


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "project"))


def found(project: Path, *overrides: str) -> list[Diagnostic]:
    compiler = Compiler.of_project(find_project(project))
    return list(compiler.compile_call("train", overrides).diagnostics)


def told(project: Path, *overrides: str) -> list[tuple[str, str | None]]:
    return [(fault.code, fault.key) for fault in found(project, *overrides)]


def test_digits_with_its_manifest_is_clean(tmp_path: Path) -> None:
    """Every call and option of the digits example checks without as much as a warning."""
    digits = Path(shutil.copytree(ROOT / "examples" / "digits", tmp_path / "digits"))
    (digits / "data").mkdir(exist_ok=True)
    header = ",".join(["id", "split", "digit", *(f"pixel_{number:02d}" for number in range(64))])
    rows = [",".join([split, split, "1", *["0"] * 64]) for split in ("train", "valid", "test")]
    (digits / "data" / "digits.csv").write_text("\n".join([header, *rows]) + "\n")

    assert () == compile_project(Compiler.of_project(find_project(digits))).diagnostics


@pytest.mark.parametrize(
    ("operation", "model", "told"),
    [
        ("predict", "my_model", []),
        ("test", "my_model", ["warning"]),
        ("train", "my_model", ["warning"]),
        ("train", "basic", ["error"]),
        ("predict", "basic", []),
    ],
)
def test_label_without_a_loader_is_told_where_there_are_targets(
    project: Path, operation: str, model: str, told: list[str]
) -> None:
    """Rows to predict have none, and need no loader for it; where models learn or are tested it is missed.

    The source of a model of one's own is not followed, and it may leave the label out.
    """
    (project / CONFIG / "model" / "basic.yaml").write_text(BASIC)
    call = [f"model={model}", "data=my_data", "~data.loaders.species"]
    faults = Compiler.of_project(find_project(project)).compile_call(operation, call).diagnostics

    assert [("SER326", severity) for severity in told] == [(fault.code, fault.severity) for fault in faults]


@pytest.mark.parametrize("is_link", [False, True])
def test_digits_without_its_manifest_says_what_to_do(is_link: bool, tmp_path: Path) -> None:
    """A manifest that is still to be made, or to which a link leads nowhere, is an error, whose help says so."""
    digits = Path(shutil.copytree(ROOT / "examples" / "digits", tmp_path / "digits"))
    shutil.rmtree(digits / "data", ignore_errors=True)
    if is_link:
        (digits / "data").mkdir()
        (digits / "data" / "digits.csv").symlink_to("gone.csv")

    (fault,) = found(digits)

    assert ("SER320", "the manifest `data/digits.csv` does not exist") == (fault.code, fault.message)
    assert fault.help is not None
    assert fault.help.startswith("make it first, or correct `data.path`")


@pytest.mark.parametrize(
    ("overrides", "expected", "help_"),
    [
        (("data.path=data/manifst.csv",), ("SER320", "data.path"), "did you mean `data/manifest.csv`?"),
        ((f"data.path={'x' * 300}.csv",), ("SER320", "data.path"), None),
        (
            ("data.path=data",),
            ("SER320", "data.path"),
            "name a file, as `data/NAME.csv`, or put one for each split into the folder",
        ),
        (("data.path=pyproject.toml",), ("SER320", "data.path"), "correct the file, or `data.path`"),
        (("data.split_column=splt",), ("SER321", "data.split_column"), "did you mean `split`?"),
        (("++data.columns=[flower_id,petal_width_cm,petal_wdth_cm]",), ("SER321", "data.columns[2]"), None),
        (("data.loaders.id.column=flower_di",), ("SER321", "data.loaders.id.column"), None),
        (("data.loaders.measurements.endswith=_mm",), ("SER321", "data.loaders.measurements.endswith"), None),
        (("data.split_column=null",), ("SER302", "data.split_column"), None),
        (("+data.loaders.measurements.regex='('",), ("SER303", "data.loaders.measurements.regex"), None),
        (
            ("model.x_dim=3",),
            ("SER322", "model.x_dim"),
            "set `model.x_dim` to 4, or change what the loader takes",
        ),
        ((*MINE, "model.x_dim=5"), ("SER322", "model.x_dim"), None),
        (("model.x_label=measurement",), ("SER326", "model.x_label"), "did you mean `measurements`?"),
        (("model.x_label=rows",), ("SER326", "model.x_label"), None),
        ((*MINE, "model.y_label=speceis"), ("SER326", "model.y_label"), "did you mean `species`?"),
        ((*MINE, "data.loaders.species.column=specie"), ("SER321", "data.loaders.species.column"), None),
        ((f"{BEST}.monitor=val_los",), ("SER310", f"{BEST}.monitor"), "did you mean `val_loss`?"),
        (
            (*MINE, f"{BEST}.monitor=val_acuracy"),
            ("SER310", f"{BEST}.monitor"),
            "did you mean `val_accuracy`?",
        ),
        ((*MINE, f"{BEST}.monitor=val_accuracy"), ("SER313", f"{BEST}.mode"), "write `mode: max`"),
        ((f"{BEST}.mode=max",), ("SER313", f"{BEST}.mode"), "write `mode: min`"),
        ((*MINE, f"~{BEST}.mode", f"{BEST}.monitor=val_accuracy"), ("SER313", f"{BEST}.mode"), None),
    ],
)
def test_fault_is_told_at_its_key(
    project: Path, overrides: tuple[str, ...], expected: tuple[str, str], help_: str | None
) -> None:
    """One fault gives one diagnostic, with its code and key, and the help that mends it."""
    (fault,) = found(project, *overrides)

    assert expected == (fault.code, fault.key)
    assert help_ is None or help_ == fault.help


@pytest.mark.parametrize(
    "overrides",
    [
        (f"{BEST}.monitor=val_loss/dataloader_idx_0",),
        (f"{BEST}.monitor=step", f"{BEST}.mode=max"),
        (f"{BEST}.monitor=null",),
        ("trainer/callbacks=my_callbacks", f"{BEST}.monitor=epoch_seconds"),
        (*MINE, f"{BEST}.monitor=val_accuracy", f"{BEST}.mode=max"),
        ("data.path=${hydra:runtime.output_dir}/nowhere.csv",),
        ("data.split_column=${hydra:job.id}",),
        ("+data.just_inference=true", "data.split_column=null"),
        ("+data.loaders.measurements.columns=[petal_width_cm]", "model.x_dim=1"),
        ("+data.loaders.measurements.excludes=sepal", "model.x_dim=2"),
        ("++seed=${hydra:job.num}",),
    ],
)
def test_what_is_right_or_cannot_be_known_is_not_told(project: Path, overrides: tuple[str, ...]) -> None:
    """Other forms of a name, callbacks that may log, and values of a running job give no diagnostic."""
    assert [] == told(project, *overrides)


BASIC = """
_target_: serotiny.models.BasicModel
network: {_target_: torch.nn.Linear, in_features: 4, out_features: 3}
loss: {_target_: torch.nn.CrossEntropyLoss}
x_label: measurements
y_label: species
metrics:
  accuracy: {_target_: torchmetrics.classification.MulticlassAccuracy, num_classes: 3}
"""


@pytest.mark.parametrize(
    ("filename", "monitor", "fix"),
    [
        ("{epoch}-{val_loss:.2f}", "val_loss", None),
        ("{epoch}-{val_los:.2f}", "val_loss", "did you mean `val_loss`?"),
        ("{epohc}-{val_loss:.2f}", "val_loss", "did you mean `epoch`?"),
        ("{step}-{train_loss:.2f}", "val_loss", None),
        ("no-metric", "val_loss", None),
    ],
)
def test_metric_in_the_name_of_a_checkpoint_is_logged(
    project: Path, filename: str, monitor: str, fix: str | None
) -> None:
    """One that the model never logs is told with what was meant, as a warning: Lightning writes 0 for it."""
    faults = found(project, f"{BEST}.monitor={monitor}", f"++{BEST}.filename='{filename}'")

    assert ([] if fix is None else [("SER310", fix)]) == [(fault.code, fault.help) for fault in faults]


@pytest.mark.parametrize(
    ("name", "is_told"),
    [("val_los", True), ("val_lsos", True), ("val_rmse", False), ("val_acc", False), ("val_losses", False)],
)
def test_metric_of_a_name_beside_a_callback_that_may_log_is_told_when_mistyped(
    project: Path, name: str, is_told: bool
) -> None:
    """Where others may log, too, only a slip of the keyboard in the monitored metric is told."""
    call = ["trainer/callbacks=my_callbacks", f"++{BEST}.filename='{{{name}:.2f}}'"]

    assert ([("SER310", f"{BEST}.filename")] if is_told else []) == told(project, *call)


def test_metrics_that_a_config_names_are_logged(project: Path) -> None:
    """BasicModel logs the keys of `metrics`, and no other names."""
    (project / CONFIG / "model" / "basic.yaml").write_text(BASIC)
    call = ("model=basic", "model.y_label=measurements", f"{BEST}.mode=max")

    assert [] == told(project, *call, f"{BEST}.monitor=val_accuracy")
    (fault,) = found(project, *call, f"{BEST}.monitor=val_acuracy")
    assert ("SER310", "did you mean `val_accuracy`?") == (fault.code, fault.help)


def test_scheduler_that_looks_at_a_metric_is_checked(project: Path) -> None:
    """ReduceLROnPlateau has its metric from the model's `lr_scheduler_monitor`; other schedulers have none."""
    scheduler = ["+model.lr_scheduler._partial_=true", "+model.lr_scheduler_monitor=val_los"]
    plateau = "+model.lr_scheduler._target_=torch.optim.lr_scheduler.ReduceLROnPlateau"
    cosine = "+model.lr_scheduler._target_=torch.optim.lr_scheduler.ExponentialLR"

    assert [("SER310", "model.lr_scheduler_monitor")] == told(project, *scheduler, plateau)
    assert [] == told(project, *scheduler, cosine, "+model.lr_scheduler.gamma=0.5")


def test_columns_that_a_loader_of_the_project_takes_are_checked(project: Path) -> None:
    """A loader whose constructor names the columns for its base is checked by what it names; a class of its own is told."""
    (project / "a_tiny_project" / "loaders.py").write_text(
        "from serotiny.io.dataframe.loaders import LoadColumns\n"
        "class Petals(LoadColumns):\n"
        "    def __init__(self, last='petal_width_cm'):\n"
        "        super().__init__(columns=['petal_length_cm', 'petal_widht_cm'])\n"
        "class Named(LoadColumns):\n"
        "    def __init__(self, names):\n"
        "        super().__init__(names)\n"
    )
    taken = ("~data.loaders.measurements", "model.x_dim=2")
    named = (
        "+data.loaders.measurements={_target_: a_tiny_project.loaders.Named, names: [petal_length_cm, %s]}"
    )

    (fault,) = found(project, *taken, "+data.loaders.measurements._target_=a_tiny_project.loaders.Petals")
    assert "`data/manifest.csv` has no column `petal_widht_cm`" in fault.message
    assert [("SER321", "data.loaders.measurements")] == told(project, *taken, named % "petal")
    assert [] == told(project, *taken, named % "petal_width_cm")


@pytest.mark.parametrize("form", ["csv", "bom", "parquet"])
def test_header_is_read_from_each_kind_of_file(project: Path, form: str) -> None:
    """CSV with a byte order mark and quotes, and parquet, are checked like plain CSV."""
    frame = pd.read_csv(project / "data/manifest.csv").rename(columns={"species": "species, common"})
    path = project / "data" / ("new.parquet" if form == "parquet" else "new.csv")
    if form == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False, encoding="utf-8-sig" if form == "bom" else "utf-8")
    call = (*MINE, f"data.path=data/{path.name}")

    assert [("SER321", "data.loaders.species.column")] == told(project, *call)
    assert [] == told(project, *call, "data.loaders.species.column='species, common'")


@pytest.mark.parametrize(
    ("change", "fix"),
    [
        (lambda lines: [lines[0].replace(",", ", "), *lines[1:]], "take the spaces around the names out"),
        (lambda lines: lines[1:], "name one of its columns; if its first line holds values"),
    ],
    ids=["spaces", "no-header"],
)
def test_first_line_that_is_no_header_says_how_to_mend_it(
    project: Path, change: Callable[[list[str]], list[str]], fix: str
) -> None:
    """Names with spaces around them, which no loader names, and a file whose first line is a row; each is told once."""
    file = project / "data/manifest.csv"
    file.write_text("\n".join(change(file.read_text().splitlines())))

    helps = [fault.help or "" for fault in found(project) if fault.code == "SER321"]

    assert 1 == sum(help_.startswith(fix) for help_ in helps)


def test_name_with_a_line_break_is_told_as_a_config_can_name_it(project: Path) -> None:
    """In double quotes, which a config reads as the name itself."""
    file = project / "data/manifest.csv"
    file.write_text(file.read_text().replace("species", '"spe\ncies"', 1))
    (fault,) = [fault for fault in found(project, *MINE) if fault.key == "data.loaders.species.column"]

    assert 'write `"spe\\ncies"` in a config file, with the quotes' == fault.help
    assert fault.suggestion is None


def test_folder_has_a_table_for_each_split(project: Path) -> None:
    """In a folder each split's file is checked, and a split column is out of place."""
    folder = project / "data" / "parts"
    folder.mkdir()
    for split in ("train", "valid", "test"):
        shutil.copy(project / "data/manifest.csv", folder / f"{split}.csv")
    call = ("data.path=data/parts",)

    assert [("SER321", "data.split_column")] == told(project, *call)
    assert [] == told(project, *call, "data.split_column=null")
    (folder / "valid.csv").write_text("flower_id\n1\n")
    assert [("SER321", "data.loaders.measurements.endswith")] == told(project, *call, "~data.split_column")
    (folder / "valid.csv").unlink()
    assert [("SER323", "data.path")] == told(project, *call, "~data.split_column")
    without = told(project, *call, "~data.split_column", "++trainer.limit_val_batches=0")
    assert [("SER310", "trainer.callbacks.best.monitor")] == without, "nothing is validated"


def test_split_that_is_asked_for_has_rows(project: Path) -> None:
    """Train and valid alone are enough for who tests nothing; `test: true` is blamed where it is written."""
    file = project / "data/manifest.csv"
    file.write_text(re.sub(r"(?m)^.*,test,.*\n", "", file.read_text()))
    assert [("SER323", "test")] == told(project)
    assert [("SER323", "predict")] == told(project, "test=false", "predict=true")
    assert [] == told(project, "test=false")

    compiler = Compiler.of_project(find_project(project))
    (fault,) = compiler.compile_call("train", ["test=false,true"], multirun=True).diagnostics
    assert ("SER323", "test") == (fault.code, fault.key)

    shares = ("data.split_column=null", "+data.split_id=flower_id")
    assert [("SER323", "test")] == told(project, *shares, "+data.split={train: 0.9, valid: 0.1}")
    assert [] == told(project, *shares, "+data.split={train: 0.8, valid: 0.1, test: 0.1}")


@pytest.mark.parametrize(
    ("overrides", "expected", "help_"),
    [
        (
            ("++trainer.val_check_interval=100",),
            "`trainer.val_check_interval` must be at most 11, the batches of an epoch, not `100`",
            "write `check_val_every_n_epoch: null` beside it to count batches over epochs",
        ),
        (
            ("++trainer.limit_val_batches=0.1",),
            "`trainer.limit_val_batches` must be at least 0.4, of 3 batches for `val`, not `0.1`",
            "write `0.4`, or `1` for one batch",
        ),
    ],
)
@pytest.mark.parametrize("form", ["column", "folder", "parquet"])
def test_limits_that_fit_no_batch_are_told(
    project: Path, overrides: tuple[str, ...], expected: str, help_: str, form: str
) -> None:
    """What Lightning refuses once it has counted the batches is refused before, where the manifest is counted."""
    table = pd.read_csv(project / "data/manifest.csv")
    call = (*overrides, "data.batch_size=4", "test=false")
    if form != "column":
        suffix = "csv" if form == "folder" else form
        for split, rows in table.groupby("split"):
            path = project / "data" / "parts" / f"{split}.{suffix}"
            path.parent.mkdir(exist_ok=True)
            getattr(rows, f"to_{suffix}")(path)
        call = (*call, "data.path=data/parts", "~data.split_column")
    (fault,) = found(project, *call)
    assert ("SER303", expected, help_) == (fault.code, fault.message, fault.help)
    assert [] == found(project, *call, "++trainer.fast_dev_run=true")


@pytest.mark.parametrize(
    "overrides",
    [
        ("++trainer.val_check_interval=11",),
        ("++trainer.val_check_interval=100", "++trainer.check_val_every_n_epoch=null"),
        ("++trainer.limit_val_batches=0.5",),
        ("++trainer.limit_test_batches=0.01", "test=false"),
    ],
)
def test_limits_that_fit_are_not_told(project: Path, overrides: tuple[str, ...]) -> None:
    """Neither is a limit of what the job does not do."""
    assert [] == told(project, "data.batch_size=4", *overrides)


@pytest.fixture
def streamed(project: Path) -> Path:
    """The project with a data option of shards for the training and one file for the validation."""
    (project / "data" / "train").mkdir()
    frame = pd.read_csv(project / "data" / "manifest.csv")
    for number in range(2):
        frame.to_parquet(project / "data" / "train" / f"{number}.parquet")
    frame.to_parquet(project / "data" / "valid.parquet")
    (project / CONFIG / "data" / "streamed.yaml").write_text(STREAMED)
    return project


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ((), ("SER323", "test")),
        (("test=false", "predict=true"), ("SER323", "predict")),
        (("test=false", "data.path=dta"), ("SER320", "data.path")),
        (("test=false", "data.path=data/valid.parquet"), ("SER320", "data.path")),
        (("test=false", "data.path=data/manifest.csv"), ("SER320", "data.path")),
        (
            ("test=false", "data.loaders.measurements.endswith=_mm"),
            ("SER321", "data.loaders.measurements.endswith"),
        ),
        (("test=false", "data.loaders.species.column=specie"), ("SER321", "data.loaders.species.column")),
        (("test=false", "model.x_dim=3"), ("SER322", "model.x_dim")),
        (
            ("test=false", "+data.loaders.measurements.normalize=standard"),
            ("SER316", "data.loaders.measurements.normalize"),
        ),
        (
            ("test=false", "+data.loaders.measurements.on_missing=drop"),
            ("SER316", "data.loaders.measurements.on_missing"),
        ),
        (("test=false", "+trainer.limit_train_batches=0.5"), ("SER303", "trainer.limit_train_batches")),
        (("test=false", "+trainer.val_check_interval=0.5"), ("SER303", "trainer.val_check_interval")),
        (("test=false", "~data.loaders.species.classes"), ("SER316", "data.loaders.species.classes")),
    ],
)
def test_streamed_files_are_checked_as_manifests_are(
    streamed: Path, overrides: tuple[str, ...], expected: tuple[str, str]
) -> None:
    """Their files, columns and splits, and what a loader of a stream cannot do."""
    whole = (
        "+trainer.limit_train_batches=2",
        "+trainer.val_check_interval=1.0",
        "+trainer.limit_val_batches=1.0",
    )
    assert [] == told(streamed, "data=streamed", "test=false", *whole)
    assert [expected] == told(streamed, "data=streamed", *overrides)


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (("+data.split={train: 0.8, valid: 0.1}", "+data.split_id=flower_id"), ("SER324", "data.split")),
        (("+data.split={train: 0.8, valid: 0.2}",), ("SER324", "data.split")),
        (("+data.split={train: 1}", "+data.split_id=flowr_id"), ("SER321", "data.split_id")),
    ],
)
def test_shares_divide_the_rows(project: Path, overrides: tuple[str, ...], expected: tuple[str, str]) -> None:
    """Shares add up to 1, and a column that is there decides where a row goes."""
    given = ("test=false", "++trainer.limit_val_batches=0", "data.split_column=null", *overrides)
    found = [fault for fault in told(project, *given) if fault[0] != "SER310"]  # nothing is validated
    assert [expected] == found


@pytest.mark.parametrize(
    ("size", "expected"), [("[16]", [("SER316", "model.image_size")]), ("[16, 16, 16]", [])]
)
def test_image_model_is_told_how_many_sides_there_are(
    project: Path, size: str, expected: list[tuple[str, str]]
) -> None:
    """An image has two, a volume three; the error is there before a job makes the model."""
    (project / CONFIG / "model" / "images.yaml").write_text(
        f"_target_: serotiny.models.ImageVAE\nx_label: measurements\nlatent_dim: 2\nimage_size: {size}\n"
    )
    assert expected == told(project, "model=images")


def test_each_shard_has_the_columns_of_the_first(streamed: Path) -> None:
    """A shard with others is told, by its name; one with more is none."""
    given = ("data=streamed", "test=false", "+trainer.limit_train_batches=2")
    whole = ("+trainer.val_check_interval=1.0", "+trainer.limit_val_batches=1.0")
    frame = pd.read_csv(streamed / "data" / "manifest.csv")
    frame.assign(depth_cm=1.0).to_parquet(streamed / "data" / "train" / "1.parquet")
    assert [] == told(streamed, *given, *whole)
    frame.rename(columns={"species": "kind"}).to_parquet(streamed / "data" / "train" / "1.parquet")
    (fault,) = found(streamed, *given, *whole)
    assert ("SER321", "data.loaders.species.column") == (fault.code, fault.key)
    assert "`data/train/1.parquet` has no column `species`" in fault.message
    frame.drop(columns="petal_width_cm").to_parquet(streamed / "data" / "train" / "1.parquet")
    assert [("SER322", "model.x_dim")] == told(streamed, *given, *whole)


OWN_LOADERS = """
class Ratio:
    columns = ("petal_width_cm", "{over}")

    def __init__(self, over: str) -> None:
        self.over = over

    def load(self, table): ...


class Depth(Ratio):
    columns = ("depth_cm",)


class Prefixed:
    columns = {"startswith": "{prefix}", "excludes": "_cm"}

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def load(self, table): ...
"""


@pytest.mark.parametrize(
    ("loader", "expected"),
    [
        ("{_target_: a_tiny_project.loaders.Ratio, over: petal_length_cm}", []),
        (
            "{_target_: a_tiny_project.loaders.Ratio, over: petal_lenth_cm}",
            [("SER321", "data.loaders.own.over")],
        ),
        ("{_target_: a_tiny_project.loaders.Depth, over: petal_length_cm}", [("SER321", "data.loaders.own")]),
        ("{_target_: a_tiny_project.loaders.Prefixed, prefix: spec}", []),
        ("{_target_: a_tiny_project.loaders.Prefixed, prefix: petal}", [("SER321", "data.loaders.own")]),
    ],
)
def test_loader_of_ones_own_says_its_columns(
    project: Path, loader: str, expected: list[tuple[str, str | None]]
) -> None:
    """The class attribute `columns` is read from source, and each column that it speaks of is looked for."""
    (project / "a_tiny_project" / "loaders.py").write_text(OWN_LOADERS)

    assert expected == told(project, f"+data.loaders.own={loader}")


def test_place_is_that_of_the_value_behind_an_interpolation(project: Path) -> None:
    """A value that comes through `${…}` is blamed where it is written, and the note says how it got there."""
    file = project / CONFIG / "data/default.yaml"
    file.write_text(
        file.read_text().replace("split_column: split", "split_column: ${data.extra}\nextra: splt")
    )

    fault = next(item for item in found(project) if item.code == "SER321")

    assert "extra: splt" == file.read_text().splitlines()[(fault.place.line or 0) - 1]
    assert any("reached through `${data.extra}`" in note for note in fault.notes)


SUBCLASS = """
from serotiny.datamodules import ManifestDatamodule


class Same(ManifestDatamodule):
    pass


class Own(ManifestDatamodule):
    def __init__(self, path: int, **kwargs):
        super().__init__(f"data/{path}.csv", **kwargs)
"""


def test_subclass_is_checked_as_far_as_it_means_the_same(project: Path) -> None:
    """A subclass that takes the same parameters is checked; one with a meaning of its own is not."""
    (project / "a_tiny_project" / "datamodules.py").write_text(SUBCLASS)
    target = "data._target_=a_tiny_project.datamodules."

    assert [("SER320", "data.path")] == told(project, f"{target}Same", "data.path=nowhere.csv")
    assert [] == told(project, f"{target}Own", "data.path=7")


# ---- checks that packages register ----


def install(folder: Path, name: str, value: str, code: str) -> None:
    """What pip leaves behind: a module, and metadata that names its entry point."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "entry_points.txt").write_text(
        f"[console_scripts]\nx = y:z\n\n[serotiny.checks]\n{name} = {value}\n"
    )
    (folder / f"{value.partition(':')[0].partition('.')[0]}.py").write_text(code)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return folder


def test_documented_check_works(project: Path, site: Path) -> None:
    """The example of docs/checks.md, registered as its text says, finds what it is written for."""
    page = (ROOT / "docs" / "checks.md").read_text("utf-8")
    code = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)[0]
    assert [] == told(project, "seed=null")  # and the cache knows that there was none

    install(site, "house-rules", "documented_check:check_house_rules", code)

    faults = found(project, "seed=null", "+data.num_workers=16")
    assert {("seed", False), ("data.num_workers", True)} == {(fault.key, fault.is_error) for fault in faults}
    assert {"SER330"} == {fault.code for fault in faults}
    assert [] == told(project)
    shutil.rmtree(site / "house-rules-1.0.dist-info")
    assert [] == told(project, "seed=null")


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        (
            "check_a:run",
            "def run(context):\n    yield 1 / 0",
            "the check `mine` broke off with ZeroDivisionError",
        ),
        ("check_b:run", "def run(context):\n    return ['x']", "the check `mine` gave a str"),
        (
            "check_c:run",
            "import nowhere",
            "the check `mine` cannot be loaded from `check_c:run`: ModuleNotFound",
        ),
        ("check_d:ran", "def run(context): ...", "cannot be loaded from `check_d:ran`: AttributeError"),
        ("check_e:run", "run = 3", "the check `mine` (`check_e:run`) is a int, not a function"),
    ],
)
def test_broken_check_is_named(project: Path, site: Path, value: str, code: str, message: str) -> None:
    """A check that cannot be loaded, raises, or gives something else is an error with its name."""
    install(site, "mine", value, code)

    with pytest.raises(CheckError, match=re.escape(message)):
        found(project)


def test_project_that_is_not_installed_registers_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Metadata inside a checked project is not followed, wherever Python was started."""
    install(project, "evil", "evil_check:run", f"open({str(project / 'canary')!r}, 'w')")
    monkeypatch.chdir(project)
    monkeypatch.syspath_prepend(project)

    assert [] == told(project)
    assert not (project / "canary").exists()


def test_rubbish_in_the_cache_is_replaced(project: Path) -> None:
    """A damaged entry of the cache costs a look through the folders, nothing else."""
    cache = Path(os.environ["SEROTINY_CACHE_DIR"])
    assert [] == told(project)
    for file in cache.rglob("*.json"):
        if '"entry points of' in file.read_text():
            file.write_text(file.read_text().replace('"found":[', '"found":[7,'))

    assert [] == told(project)
