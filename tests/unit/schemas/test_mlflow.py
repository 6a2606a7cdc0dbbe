"""The `mlflow` group as it is read."""

from __future__ import annotations

from serotiny.schemas.mlflow import MlflowConfig


def test_a_name_has_one_spelling() -> None:
    """Accents as marks of their own, as some systems write them, make no other run and no other experiment."""
    config = MlflowConfig(run_name="Kräftig".replace("ä", "a\u0308"), experiment_name="e\u0301")

    assert ("Kräftig", "\u00e9") == (config.run_name, config.experiment_name)
    assert MlflowConfig().run_name is None
