"""Small source trees to read signatures from."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Protocol

import pytest

from serotiny.targets import Parameter, SignatureReader, TargetNotFound, TargetSignature

if TYPE_CHECKING:
    from pathlib import Path


class ReadSource(Protocol):
    def __call__(self, target: str, **files: str) -> TargetSignature: ...


class ReadParameter(Protocol):
    def __call__(self, path: str, name: str) -> tuple[TargetSignature, Parameter]: ...


class WriteTree(Protocol):
    def __call__(self, **files: str) -> Path: ...


@pytest.fixture(scope="session")
def installed() -> SignatureReader:
    """A reader of what is installed here."""
    return SignatureReader()


@pytest.fixture
def read_parameter(installed: SignatureReader) -> ReadParameter:
    """Read an installed target, and take one of its parameters."""

    def read(path: str, name: str) -> tuple[TargetSignature, Parameter]:
        signature = installed.read(path)
        assert isinstance(signature, TargetSignature)
        parameter = signature.parameter(name)
        assert parameter is not None
        return signature, parameter

    return read


@pytest.fixture
def write_tree(tmp_path: Path) -> WriteTree:
    """Write modules below `tmp_path`: `pkg__sub="…"` is `pkg/sub.py`, and every folder is a package."""

    def write(**files: str) -> Path:
        for name, source in files.items():
            file = tmp_path.joinpath(*name.split("__")).with_suffix(".py")
            file.parent.mkdir(parents=True, exist_ok=True)
            for folder in file.relative_to(tmp_path).parents:
                if str(folder) != "." and not (init := tmp_path / folder / "__init__.py").exists():
                    init.write_text("")
            init_name = "__init__"
            target = file if file.stem != "init" else file.with_name(f"{init_name}.py")
            target.write_text(textwrap.dedent(source))
        return tmp_path

    return write


@pytest.fixture
def read(write_tree: WriteTree) -> ReadSource:
    """Write modules and read one target of them."""

    def read_target(target: str, **files: str) -> TargetSignature:
        found = SignatureReader([write_tree(**files)]).read(target)
        assert isinstance(found, TargetSignature), found
        return found

    return read_target


class Miss(Protocol):
    def __call__(self, target: str, **files: str) -> TargetNotFound: ...


@pytest.fixture
def miss(write_tree: WriteTree) -> Miss:
    """Write modules and ask for a target that is not there."""

    def read_target(target: str, **files: str) -> TargetNotFound:
        found = SignatureReader([write_tree(**files)]).read(target)
        assert isinstance(found, TargetNotFound), found
        return found

    return read_target
