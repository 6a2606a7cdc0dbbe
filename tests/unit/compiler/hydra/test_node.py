"""Hydra's node of a job holds what that job says, and nothing that another one said."""

from __future__ import annotations

import pytest

from serotiny.compiler.hydra.dirname import DirnameForm
from serotiny.compiler.hydra.node import BuiltNode, CallFacts, Layer, NodeBuilder, noted
from serotiny.compiler.hydra.override_grammar import parse

OWN = Layer("hydra/config", "hydra", None)


def built(builder: NodeBuilder, content: dict[str, object], *overrides: str) -> BuiltNode:
    layers = [OWN, Layer("train", "", {"hydra": content})]
    return builder.build(layers, [parse(text) for text in overrides])


def test_jobs_that_share_hydras_own_configs_do_not_share_what_they_say() -> None:
    """A value of one job's config, a refused one and an override are in no later node."""
    builder = NodeBuilder()
    untouched = built(builder, {}).plain

    said = built(builder, {"run": {"dir": "mine"}, "job": {"chdir": "perhaps"}}, "hydra.job.name=other")
    later = built(builder, {"verbose": True})

    assert ["hydra.job.chdir"] == [".".join(map(str, refused.key)) for refused in said.refused]
    assert ("mine", "other") == (said.plain["run"]["dir"], said.plain["job"]["name"])
    assert {**untouched, "verbose": True} == later.plain


@pytest.mark.parametrize(
    ("operation", "said", "expected"),
    [
        ("train", {}, "train"),
        ("deploy/onnx/export", {}, "export"),
        ("deploy/onnx/export", {"name": "own"}, "own"),
    ],
)
def test_job_of_a_config_in_a_sub_folder_has_a_name_that_a_file_can_have(
    operation: str, said: dict[str, object], expected: str
) -> None:
    """The log file is named by the job, and Hydra names a job by its script, which has no folders in its name."""
    call = CallFacts(
        operation=operation,
        hydra_overrides=(),
        task_overrides=(),
        choices={},
        folder="/",
        dirname_form=DirnameForm(),
    )
    job = noted(built(NodeBuilder(), {"job": said}), call)["job"]

    assert (expected, operation) == (job["name"], job["config_name"])
