"""A project of many options, made of the template's."""

from __future__ import annotations

from pathlib import Path

OPTIONS = 120


def add_options(config: Path) -> None:
    """Bring the template's config folder to `OPTIONS` options in five groups."""
    model = (config / "model/default.yaml").read_text("utf-8")
    for index in range(58):
        text = model.replace("latent_dim: 2", f"latent_dim: {index + 1}")
        (config / f"model/option_{index}.yaml").write_text(text, "utf-8")
    for group, key, count in (("data", "batch_size", 30), ("trainer", "max_epochs", 21)):
        for index in range(count):
            text = f"defaults:\n  - default\n  - _self_\n\n{key}: {index + 1}\n"
            (config / group / f"option_{index}.yaml").write_text(text, "utf-8")
    made = sum(path.parent != config for path in config.rglob("*.yaml"))
    assert made == OPTIONS, made
