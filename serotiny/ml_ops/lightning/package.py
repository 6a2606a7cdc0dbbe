"""Which of the two Lightning packages a job uses; their classes must not be mixed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class LightningPackage:
    """`pytorch_lightning`, or `lightning.pytorch` with `lightning.fabric`."""

    name: str
    fabric: str

    @classmethod
    def of_target(cls, target: str) -> LightningPackage:
        """The package that a trainer's `_target_` names; `pytorch_lightning` for a trainer of one's own."""
        if target.split(".")[0] == "lightning":
            return cls("lightning.pytorch", "lightning.fabric")
        return cls("pytorch_lightning", "lightning_fabric")

    def get(self, path: str) -> Any:
        """The object at `path` below the package, such as `callbacks.Callback`."""
        return _get(f"{self.name}.{path}")

    def get_from_fabric(self, path: str) -> Any:
        """Likewise below the fabric package."""
        return _get(f"{self.fabric}.{path}")

    def adopt(self, hooks: type[Any], base: str) -> Any:
        """`hooks` as a subclass of the package's class `base`, whose methods it goes before."""
        return type(hooks.__name__, (hooks, self.get(base)), {"__module__": hooks.__module__})


def _get(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)
