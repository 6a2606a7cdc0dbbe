"""Values that only a job knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hydra.types import RunMode
from omegaconf import OmegaConf

from serotiny.compiler.plan.plan import Plan
from serotiny.launch.job_values import with_job_values


@pytest.fixture
def resolver() -> Iterator[None]:
    OmegaConf.register_new_resolver("paired", dict)
    yield
    OmegaConf.clear_resolver("paired")


@pytest.mark.usefixtures("resolver")
def test_what_a_resolver_makes_of_parts_of_the_config_is_plain_data() -> None:
    """Also where they lie in it as they are; the plan is written as YAML."""
    written: dict[str, Any] = {"tasks": [["seg", {"loss": {"name": "${name}"}}]], "name": "bce"}
    config = OmegaConf.create({**written, "heads": "${paired:${tasks}}"})
    values = {**written, "heads": "${paired:${tasks}}"}
    heads = with_job_values(_plan(values), config).config["heads"]
    assert {"seg": {"loss": {"name": "bce"}}} == heads
    assert [dict, dict] == [type(heads["seg"]), type(heads["seg"]["loss"])]


def test_member_of_an_enumeration_is_its_name() -> None:
    """`${hydra:mode}` is one of Hydra's; a tag and the plan hold texts."""
    config = OmegaConf.create({"mode": RunMode.MULTIRUN, "tag": "${mode}"})
    assert {"tag": "MULTIRUN"} == with_job_values(_plan({"tag": "${mode}"}), config).config


def _plan(values: dict[str, Any]) -> Plan:
    return Plan(
        operation="train",
        config=values,
        logged_config=values,
        identity="",
        run_name=None,
        overrides=(),
        project_root="/",
        package=None,
        trusted=(),
        versions={},
    )
