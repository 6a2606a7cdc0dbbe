"""The modules of packages, found on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from serotiny.filesystem import is_there
from serotiny.targets.modules.location import Location, locate_submodule, locate_top_level, submodule_names

_SKIPPED = frozenset({"tests", "test", "testing", "conftest", "setup"})


def public_modules(package: str, search_paths: Sequence[Path] = ()) -> tuple[str, ...]:
    """The public modules of a package, itself first; none when it is not installed.

    Modules that begin with an underscore and tests are left out.
    """
    top = locate_top_level(package, search_paths, tuple, _exists)
    return () if top is None else tuple(_walk(top))


def _walk(location: Location) -> Iterator[str]:
    yield location.name
    for name in dict.fromkeys(submodule_names(location)):
        if name.startswith("_") or name in _SKIPPED:
            continue
        inner = locate_submodule(location, name, _exists)
        if inner is not None and not inner.namespace:
            yield from _walk(inner)


def _exists(path: str) -> bool:
    return is_there(Path(path))
