"""What public repositories name in their configs may be named here, unless it does harm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from serotiny.targets import SignatureReader, TargetSignature
from serotiny.targets.policy.trust import Trust

NAMED: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "named_by_others.yaml").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def reader() -> SignatureReader:
    return SignatureReader()


def verdict(path: str, reader: SignatureReader) -> str | None:
    """What is said of a target in a project that trusts its package."""
    trust = Trust(trusted=(path.partition(".")[0],))
    found = reader.read(path)
    return trust.judge(path, found) if isinstance(found, TargetSignature) else trust.judge_name(path)


def test_what_does_no_harm_is_not_refused(reader: SignatureReader) -> None:
    """Of some three hundred targets of forty repositories none is refused that is safe."""
    assert {} == {path: said for path in NAMED["safe"] if (said := verdict(path, reader)) is not None}


@pytest.mark.parametrize("path", [path for path in NAMED["refused"] if path.startswith("hydra.")])
def test_what_does_is_refused_whoever_is_trusted(path: str, reader: SignatureReader) -> None:
    """It calls whatever a config says."""
    assert "forbidden" == verdict(path, reader)
