"""What every test shares: a signature cache of its own, the same examples each time, no settings from outside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile("same")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Signatures are kept for one session of tests; processes that tests start share them."""
    before = os.environ.get("SEROTINY_CACHE_DIR")
    os.environ["SEROTINY_CACHE_DIR"] = str(tmp_path_factory.mktemp("signatures"))
    yield
    if before is None:
        del os.environ["SEROTINY_CACHE_DIR"]
    else:
        os.environ["SEROTINY_CACHE_DIR"] = before


@pytest.fixture(scope="module", autouse=True)
def _no_store_of_other_tests() -> Iterator[None]:
    """Whoever opens a store through `mlflow` itself leaves its address in the environment."""
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    yield
    assert "MLFLOW_TRACKING_URI" not in os.environ


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of this project."""
    return Path(__file__).parent.parent
