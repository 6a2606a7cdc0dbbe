"""SER325: what the columns of a parquet file hold, against what each loader makes of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serotiny.cli.commands.new import create_project
from serotiny.compiler.compile import Compiler
from serotiny.compiler.project import find_project
from serotiny.datamodules import ManifestDatamodule
from serotiny.diagnostics import Diagnostic
from serotiny.io.dataframe.loaders import LoadClass, LoadColumn, LoadColumns, LoadImage
from serotiny.io.dataframe.loaders.loader import ColumnarLoader
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.header import read_columns

_NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
_TYPES = {
    **{
        name: pa.array([1, 2], getattr(pa, name)()) for name in ("int8", "uint16", "int32", "int64", "uint64")
    },
    **{name: pa.array([1.0, 2.0], getattr(pa, name)()) for name in ("float16", "float32", "float64")},
    "bool": pa.array([True, False]),
    "decimal": pa.array([Decimal("1.50"), Decimal("2.50")]),
    "long_decimal": pa.array([Decimal("1.50"), Decimal("2.50")], pa.decimal128(38, 2)),
    "coded_numbers": pa.array([1, 2]).dictionary_encode(),
    "text": pa.array(["a", "b"]),
    "large_text": pa.array(["a", "b"], pa.large_string()),
    "text_of_numbers": pa.array(["1", "2"]),
    "coded_text": pa.array(["a", "b"]).dictionary_encode(),
    "bytes": pa.array([b"a", b"b"]),
    "fixed_bytes": pa.array([uuid4().bytes, uuid4().bytes], pa.binary(16)),
    "date": pa.array([date(2024, 5, 1), date(2024, 5, 2)]),
    "time": pa.array([time(1), time(2)]),
    "time_of_ns": pa.array([1000, 2000], pa.time64("ns")),
    "when": pa.array([_NOW, _NOW], pa.timestamp("us", "UTC")),
    "when_ns": pa.array([1000, 2000], pa.timestamp("ns")),
    "list": pa.array([[1.0], [2.0]]),
    "fixed_list": pa.array([[1.0], [2.0]], pa.list_(pa.float32(), 1)),
    "structure": pa.array([{"a": 1}, {"a": 2}]),
}
_LOADERS: dict[str, tuple[Callable[[str], ColumnarLoader], str, str]] = {
    "columns": (lambda name: LoadColumns(columns=[name]), "LoadColumns, columns: [{}]", ".columns[0]"),
    "prefix": (lambda name: LoadColumns(regex=f"^{name}$"), "LoadColumns, regex: '^{}$'", ".regex"),
    "both": (
        lambda name: LoadColumns(startswith=name, regex=f"{name}$"),
        "LoadColumns, startswith: {0}, regex: '{0}$'",
        "",
    ),
    "number": (
        lambda name: LoadColumn(name, dtype="float32"),
        "LoadColumn, column: {}, dtype: float32",
        ".column",
    ),
    "column": (LoadColumn, "LoadColumn, column: {}", ".column"),
    "written": (lambda name: LoadColumn(name, dtype="str"), "LoadColumn, column: {}, dtype: str", ".column"),
    "label": (LoadClass, "LoadClass, column: {}", ".column"),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = create_project({}, no_input=True, output_dir=tmp_path_factory.mktemp("new"))
    for version in ("1.0", "2.6"):
        table = pa.table({"split": ["train", "valid"], **_TYPES})
        pq.write_table(table, made / "data" / f"typed-{version}.parquet", version=version)
    return made


def _found(project: Path, path: str, loaders: dict[str, str]) -> list[Diagnostic]:
    lines = [
        f"  {key}: {{_target_: serotiny.io.dataframe.loaders.{text}}}\n" for key, text in loaders.items()
    ]
    head = f"_target_: serotiny.datamodules.ManifestDatamodule\npath: {path}\nsplit_column: split\nloaders:\n"
    (project / "a_tiny_project" / "config" / "data" / "typed.yaml").write_text(head + "".join(lines))
    compiler = Compiler.of_project(find_project(project))
    faults = compiler.compile_call("train", ("data=typed", "test=false")).diagnostics
    return [fault for fault in faults if fault.code == "SER325"]


def _is_refused(path: Path, loader: ColumnarLoader) -> bool:
    try:
        ManifestDatamodule(path, {"x": loader}, "split")
    except ManifestError:
        return True
    return False


@pytest.mark.parametrize("version", ["1.0", "2.6"])
def test_what_is_told_is_what_the_job_refuses(project: Path, version: str) -> None:
    """Each loader of the package and each type of a column: at the place that names the column."""
    file = f"data/typed-{version}.parquet"
    written = {
        f"{key}-{name}": text.format(name) for key, (_, text, _) in _LOADERS.items() for name in _TYPES
    }
    refused = {
        f"data.loaders.{key}-{name}{place}"
        for key, (make, _, place) in _LOADERS.items()
        for name in _TYPES
        if _is_refused(project / file, make(name))
    }
    assert refused == {fault.key for fault in _found(project, file, written)}


def test_paths_are_texts(project: Path) -> None:
    """Of a column that holds something else no row has a file."""
    written = {name: f"LoadImage, column: {name}" for name in _TYPES}
    told = {str(fault.key) for fault in _found(project, "data/typed-2.6.parquet", written)}
    assert {"date", "when", "bytes", "list", "structure"} <= {key.split(".")[2] for key in told}
    for key in told:
        data = ManifestDatamodule(
            project / "data" / "typed-2.6.parquet", {"x": LoadImage(key.split(".")[2])}, "split"
        )
        with pytest.raises(ManifestError, match=r"which is no path|cannot be read"):
            next(iter(data.train_dataloader()))
    assert not any("text" in key for key in told)


def test_message_says_what_is_there_and_what_to_do(project: Path) -> None:
    """All columns that do not fit are named, and another loader is the help where one takes texts."""
    (both,) = _found(project, "data/typed-2.6.parquet", {"x": "LoadColumns, contains: text"})
    assert (
        "column `text` of `data/typed-2.6.parquet` holds texts, and `serotiny.io.dataframe.loaders.LoadColumns` takes numbers"
        == both.message
    )
    assert "so do `large_text`, `text_of_numbers`, `coded_text`" in both.notes
    (one,) = _found(project, "data/typed-2.6.parquet", {"x": "LoadColumn, column: text, dtype: int64"})
    assert "write numbers into its cells, or leave `dtype: int64` out for the texts" == one.help


def test_cells_of_csv_have_no_types(project: Path) -> None:
    """Nothing is said of them."""
    assert [] == _found(project, "data/manifest.csv", {"x": "LoadColumns, columns: [species]"})
    assert {None} == {held for _, held in read_columns(project / "data" / "manifest.csv")}


def test_types_that_nothing_is_known_of_are_not_told(project: Path) -> None:
    """A column without a single value may be filled, and durations are stored as numbers."""
    table = pa.table(
        {
            "split": ["train", "valid"],
            "none": pa.nulls(2),
            "lasting": pa.array([1, 2], pa.duration("s")),
        }
    )
    pq.write_table(table, project / "data" / "odd.parquet")
    written = {
        "x": "LoadColumns, columns: [none, lasting], on_missing: fill, fill_value: 0",
    }
    assert [] == _found(project, "data/odd.parquet", written)
