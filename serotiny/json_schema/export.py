"""Export the schemas of a project: gather its targets, and make the documents."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

from serotiny.json_schema.documents import schema_documents
from serotiny.targets import Trust
from serotiny.targets.catalog.catalog import gather
from serotiny.targets.catalog.homes import BUILTIN_HOMES, OPTIONAL_HOMES, Home
from serotiny.targets.catalog.modules import public_modules
from serotiny.targets.lightning import kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from serotiny.json_schema.defaults_list import ConfigOptions
    from serotiny.json_schema.fragments import JsonSchema
    from serotiny.targets import SignatureReader

_BUILTIN_PACKAGES = ("serotiny", "pytorch-lightning", "torch")
_OPTIONAL_PACKAGES = ("lightning", "torchaudio", "torchmetrics", "torchvision")


@dataclass(frozen=True)
class Export:
    """Schemas by name, and the number of targets in them."""

    documents: dict[str, JsonSchema]
    targets: int


def export_builtin(reader: SignatureReader, options: ConfigOptions) -> Export:
    """The schemas without any project: serotiny's own targets, Lightning's and torch's."""
    catalog = gather(reader, Trust(), homes=BUILTIN_HOMES, installed=reader)
    documents = schema_documents(catalog, options, _versions(_BUILTIN_PACKAGES))
    return Export(documents, len(catalog.targets))


def export_project(
    reader: SignatureReader,
    installed: SignatureReader,
    options: ConfigOptions,
    *,
    package: str | None,
    search_paths: Sequence[Path],
    trusted: Sequence[str],
    allowed: Sequence[str] = (),
    named: Iterable[str],
) -> Export:
    """The schemas of a project: also its own targets and those of the packages that it trusts.

    Args:
        reader: reads signatures, the project's own modules first.
        installed: reads those of installed packages, without looking into the project.
        options: the groups and options that defaults lists may name.
        package: the project's own package.
        search_paths: folders in which that package is found, installed or not.
        trusted: packages that the project trusts in addition to those that are trusted by default.
        allowed: single targets that the project allows by name.
        named: the targets that its configs name.
    """
    own = () if package is None else (package,)
    homes = [*BUILTIN_HOMES, *OPTIONAL_HOMES]
    for name in trusted:
        homes += [Home(module, kinds()) for module in public_modules(name.partition(".")[0], search_paths)]
    catalog = gather(
        reader,
        Trust(own, tuple(trusted), tuple(allowed)),
        homes=homes,
        installed=installed,
        own_modules=[module for name in own for module in public_modules(name, search_paths)],
        named=named,
    )
    documents = schema_documents(catalog, options, _versions((*_BUILTIN_PACKAGES, *_OPTIONAL_PACKAGES)))
    return Export(documents, len(catalog.targets))


def _versions(packages: Sequence[str]) -> dict[str, str]:
    """The versions of the packages, and of the Python for which their sources were read."""
    found = {"Python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    for name in packages:
        try:
            # without `+cpu` and the like, which do not change the sources
            found[name] = metadata.version(name).partition("+")[0]
        except metadata.PackageNotFoundError:
            continue
    return found
