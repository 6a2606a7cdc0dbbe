"""Each ManifestDatamodule and StreamedDatamodule of a config with the headers of its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Final

from serotiny.compiler.checks.context import CheckContext
from serotiny.compiler.checks.manifest.loaders import loader_faults, loaders_of
from serotiny.compiler.target_nodes import TargetNode, argument, argument_or_default, shown, via
from serotiny.compiler.tree import Keys, Node, Unknown
from serotiny.diagnostics import Diagnostic, closest
from serotiny.filesystem import is_folder, is_there
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import SUFFIXES, Split, check_file, files_of_splits, folder_files, streamed_files
from serotiny.manifest.header import check_first_rows, read_columns
from serotiny.manifest.parquet_footer import Held
from serotiny.schemas.rules.locations import fault_of_input_path
from serotiny.targets import Parameter, TargetSignature

DATAMODULE: Final = "serotiny.datamodules.manifest_datamodule.ManifestDatamodule"
STREAMED: Final = "serotiny.datamodules.streamed_datamodule.StreamedDatamodule"

_MOST_SHARDS: Final = 200
"""Of a split of a stream, whose headers are read."""

_PLACES: Final = "data is read from the project, your home folder, a temporary folder, or a folder for data"


@dataclass(frozen=True)
class Columns:
    """The names of columns, in a table's order."""

    names: tuple[str, ...]

    def __contains__(self, name: object) -> bool:
        return name in self._known

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.names)


@dataclass(frozen=True)
class Table:
    """One file of a manifest.

    Attributes:
        name: the file as messages name it.
        header: the names of all of its columns.
        read: the columns that are read, among which a loader can select.
        split: the split whose rows it holds; None for all splits.
        held: what columns hold that certainly hold no numbers.
    """

    name: str
    header: Columns
    read: Columns
    split: Split | None
    held: Mapping[str, Held]


@dataclass(frozen=True)
class ManifestReading:
    """A data module, its tables, and the loaders of each split.

    Attributes:
        datamodule: the node of the data module.
        tables: empty when they are not known or are at fault.
        loaders: the key path of each loader by its split and its name.
        faults: SER302, SER320 and SER321 of the files themselves, SER303 and SER304 of what is no loader.
    """

    datamodule: TargetNode
    tables: tuple[Table, ...]
    loaders: Mapping[Split, Mapping[str, Keys]]
    faults: tuple[Diagnostic, ...]


def manifest_readings(context: CheckContext) -> Iterator[ManifestReading]:
    """Each node of such a data module, or of a subclass that does not change the meaning of the parameters."""
    for datamodule in context.targets.values():
        if not datamodule.is_partial and (
            _is_understood(context, datamodule, DATAMODULE, ("path", "loaders", "split_column", "columns"))
            or _is_understood(context, datamodule, STREAMED, ("path", "loaders"))
        ):
            yield _read(context, datamodule)


def is_streamed(datamodule: TargetNode) -> bool:
    """Whether a data module is a StreamedDatamodule."""
    return STREAMED in datamodule.signature.bases


def _is_understood(context: CheckContext, datamodule: TargetNode, own: str, names: tuple[str, ...]) -> bool:
    """Whether it is of a class, or of one that passes the parameters on to it, rather than giving them another meaning."""
    if own not in datamodule.signature.bases or datamodule.signature.path == own:
        return own in datamodule.signature.bases
    base = context.reader.read(own)
    return isinstance(base, TargetSignature) and all(
        _same(base, datamodule.signature, name) for name in names
    )


def _same(base: TargetSignature, signature: TargetSignature, name: str) -> bool:
    mine, theirs = signature.parameter(name), base.parameter(name)
    return mine is not None and theirs is not None and _core(mine) == _core(theirs)


def _core(parameter: Parameter) -> tuple[object, ...]:
    return (parameter.type, parameter.required, parameter.default and parameter.default.text)


def _read(context: CheckContext, datamodule: TargetNode) -> ManifestReading:
    refused_loaders = tuple(loader_faults(datamodule))
    if refused_loaders:
        return ManifestReading(datamodule, (), {}, refused_loaders)
    loaders = loaders_of(datamodule)
    path = argument(datamodule, "path")
    streamed = is_streamed(datamodule)
    inference = False if streamed else argument_or_default(datamodule, "just_inference")
    nothing = ManifestReading(datamodule, (), loaders, ())
    if path is None or not isinstance(path.value, str) or not isinstance(inference, bool):
        return nothing
    if not streamed and any(
        isinstance(argument_or_default(datamodule, name), Unknown) for name in ("split_column", "columns")
    ):
        return nothing
    if not path.value:
        key = datamodule.place_key("path")
        fix = "name a file, or a folder with a file for each split"
        empty = Diagnostic("SER320", f"`{key}` is empty", path.place, key, help=fix, notes=via(path))
        return ManifestReading(datamodule, (), loaders, (empty,))
    place = context.project.root / path.value
    misplaced = fault_of_input_path(path.value, PurePosixPath(context.project.root))
    if misplaced is not None:
        message = f"the manifest `{shown(path)}` {misplaced}"
        key = datamodule.place_key("path")
        refused = Diagnostic("SER320", message, path.place, key, help=_PLACES, notes=via(path))
        return ManifestReading(datamodule, (), loaders, (refused,))
    try:
        files = _streamed(place) if streamed else _files(place, tuple(loaders), inference)
        fault = None if streamed else _form_fault(datamodule, path, is_folder(place), inference)
        if fault is not None:
            return ManifestReading(datamodule, (), loaders, (fault,))
        tables = [(split, file, read_columns(file)) for split, file in files]
        if streamed:
            tables = _of_first(tables)
        else:
            for _, file in files:
                check_first_rows(file)
    except ManifestError as error:
        fault = _not_found(datamodule, path, place, str(error))
        return ManifestReading(datamodule, (), loaders, (fault,))
    except OSError as error:  # a name too long for any disk, a folder that may not be looked into
        message = f"the manifest `{shown(path)}` cannot be read: {error.strerror}"
        fault = Diagnostic(
            "SER320", message, path.place, datamodule.place_key("path"), help=None, notes=via(path)
        )
        return ManifestReading(datamodule, (), loaders, (fault,))
    columns = None if streamed else argument_or_default(datamodule, "columns")
    split_column = None if inference or streamed else argument_or_default(datamodule, "split_column")
    read = tuple(
        Table(
            f"{shown(path)}/{file.relative_to(place)}" if split is not None else shown(path),
            Columns(tuple(name for name, _ in found)),
            _read_columns([name for name, _ in found], columns, split_column),
            None if inference else split,
            {name: held for name, held in found if held is not None},
        )
        for split, file, found in tables
    )
    return ManifestReading(datamodule, read, loaders, ())


def _read_columns(header: list[str], columns: Any, split_column: Any) -> Columns:
    """The columns that are read; all when `columns` itself is at fault, lest each loader repeat that fault."""
    known = frozenset(header)
    if not isinstance(columns, list) or not all(isinstance(name, str) and name in known for name in columns):
        return Columns(tuple(header))
    taken = frozenset(columns)
    return Columns(tuple(name for name in header if name in taken or name == split_column))


def _files(place: Path, wanted: Sequence[Split], inference: bool) -> list[tuple[Split | None, Path]]:
    if not is_folder(place):
        check_file(place)
        return [(None, place)]
    if inference:
        return [(None, file) for file in files_of_splits(place)]
    return list(folder_files(place, wanted).items())


def _streamed(place: Path) -> list[tuple[Split | None, Path]]:
    """The files of each split, of many the first ones: a footer is read in less than a millisecond."""
    return [(split, file) for split, files in streamed_files(place).items() for file in files[:_MOST_SHARDS]]


def _of_first(
    shards: Sequence[tuple[Split | None, Path, list[tuple[str, Held | None]]]],
) -> list[tuple[Split | None, Path, list[tuple[str, Held | None]]]]:
    """The shards without the columns that the first one of their split lacks, which no loader takes."""
    known: dict[Split | None, frozenset[str]] = {}
    for split, _, columns in shards:
        known.setdefault(split, frozenset(name for name, _ in columns))
    return [
        (split, file, [column for column in columns if column[0] in known[split]])
        for split, file, columns in shards
    ]


def _form_fault(datamodule: TargetNode, path: Node, is_folder: bool, inference: bool) -> Diagnostic | None:
    """SER302 for one file without a split column, SER321 where the split is given twice, or for a folder of splits."""
    given = {
        name: node
        for name in ("split_column", "split")
        if (node := argument(datamodule, name)) is not None and (node.is_mapping or node.value is not None)
    }
    if inference or ((len(given) == 1) != is_folder and len(given) < 2):
        return None
    if given:
        name, node = list(given.items())[-1]
        key = datamodule.place_key(name)
        message = f"`{shown(path)}` is a folder, whose files say the split: `{key}` has no meaning there"
        if not is_folder:
            message = (
                f"`{key}` and `{datamodule.place_key('split_column')}` both say which rows are in which split"
            )
        return Diagnostic("SER321", message, node.place, key, help=f"leave `{key}` out")
    key = datamodule.place_key("split_column")
    message = f"`{shown(path)}` is one file, so `{key}` must say which column holds the split"
    fix = "add `split_column: …`, or `split: {train: 0.8, valid: 0.2}` with `split_id`, or `just_inference: true`"
    return Diagnostic("SER302", message, datamodule.target.place, key, help=fix)


def _not_found(datamodule: TargetNode, path: Node, place: Path, reason: str) -> Diagnostic:
    key = datamodule.place_key("path")
    message = reason.replace(f"{place}", f"`{shown(path)}`", 1).replace(f"{place}", shown(path))
    similar = _similar(place, path)
    fix = f"make it first, or correct `{key}`; a relative path counts from the project's folder"
    if "://" in str(path.value):
        fix = "a manifest is a local file: download it first"
    elif str(path.value).startswith("~"):
        fix = "`~` is not expanded: write `${oc.env:HOME}/…`, or the whole path"
    elif "*" in str(path.value):
        fix = "name one file, or a folder with a file for each split"
    if is_folder(place):
        fix = (
            f"name a file, as `{shown(path).rstrip('/')}/NAME.csv`, or put one for each split into the folder"
        )
    elif is_there(place):
        fix = f"correct the file, or `{key}`"
    return Diagnostic(
        "SER320",
        f"the manifest {message}",
        path.place,
        key,
        help=fix if similar is None else None,
        notes=via(path),
        suggestion=similar,
    )


def _similar(place: Path, path: Node) -> str | None:
    """The path of a file with a similar name in the same folder; None if the path comes from the environment."""
    if is_there(place) or path.reference is not None or not is_folder(place.parent):
        return None
    try:
        beside = [
            file.name
            for file in place.parent.iterdir()
            # of the same name is a link that leads to nothing
            if file.name != place.name and (file.suffix in SUFFIXES or is_folder(file))
        ]
    except PermissionError:
        return None
    name = closest(place.name, beside)
    written = str(path.value)
    return None if name is None else written[: len(written) - len(place.name)] + name
