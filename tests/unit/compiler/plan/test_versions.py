"""Versions of a plan: of what every job runs on and of its targets' packages, compared where it runs."""

from __future__ import annotations

from importlib import metadata

from serotiny.compiler.plan.versions import other_versions, versions_here


def test_the_packages_of_targets_are_among_the_versions() -> None:
    """Wherever a target stands; a package of the project's own, which is not installed, has no version."""
    config = {"model": {"_target_": "lab.Net", "metrics": [{"_target_": "torchmetrics.Accuracy"}]}}

    found = versions_here(config)

    assert metadata.version("torchmetrics") == found["torchmetrics"]
    assert metadata.version("mlflow") == found["mlflow"]
    assert "lab" not in found


def test_what_differs_from_a_plan_is_told() -> None:
    """Another version, and a package that is not there; the same version is nothing to tell."""
    mlflow = metadata.version("mlflow")
    planned = {"mlflow": mlflow, "torch": "1.0.0", "nowhere-to-be-found": "2.0"}

    assert [
        f"torch {metadata.version('torch')}, planned with 1.0.0",
        "nowhere-to-be-found is not installed, planned with 2.0",
    ] == other_versions(planned)
