"""The versions of packages with which a plan was compiled, and those where it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

_ALWAYS = ("serotiny", "hydra-core", "omegaconf", "pydantic", "torch", "pytorch-lightning", "mlflow")


def versions_here(config: Any) -> dict[str, str]:
    """The versions of the packages that every job uses, and of those of the config's targets."""
    names = dict.fromkeys((*_ALWAYS, *_packages(config)))
    return {name: version for name in names if (version := _version(name)) is not None}


def other_versions(planned: Mapping[str, str]) -> list[str]:
    """The differences of the installed versions from those of a plan, each as part of a sentence."""
    here = {name: _version(name) for name in planned}
    return [
        f"{name} {here[name] or 'is not installed'}, planned with {version}"
        for name, version in planned.items()
        if here[name] != version
    ]


def _packages(value: Any) -> Iterator[str]:
    """The top-level packages of the targets in a config."""
    if isinstance(value, Mapping):
        target = value.get("_target_")
        if isinstance(target, str):
            yield target.partition(".")[0].replace("_", "-")
        for item in value.values():
            yield from _packages(item)
    elif isinstance(value, list):
        for item in value:
            yield from _packages(item)


@cache
def _version(name: str) -> str | None:
    from importlib import metadata

    try:
        return metadata.version(name)
    except (metadata.PackageNotFoundError, ValueError):
        return None
