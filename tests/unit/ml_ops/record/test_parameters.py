from __future__ import annotations

from serotiny.ml_ops.record.parameters import flatten


def test_config_becomes_dotted_keys() -> None:
    """Mappings and lists of mappings are gone through, other lists are JSON, nothing is dropped."""
    config = {
        "model": {"layers": [128, 64], "empty": {}, "none": None, "rate": 1e-3},
        "trainer": {"callbacks": [{"monitor": "val_loss"}, {}], "devices": []},
        "seed": 1,
    }

    assert {
        "model.layers": "[128, 64]",
        "model.empty": "{}",
        "model.none": "None",
        "model.rate": "0.001",
        "trainer.callbacks.0.monitor": "val_loss",
        "trainer.callbacks.1": "{}",
        "trainer.devices": "[]",
        "seed": "1",
    } == flatten(config)
