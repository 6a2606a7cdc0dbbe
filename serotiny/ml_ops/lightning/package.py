"""The Lightning package that a job uses, one of two whose classes must not be mixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

DEFAULT_TRAINER: Final = "pytorch_lightning.Trainer"


@dataclass(frozen=True, slots=True)
class LightningPackage:
    """`pytorch_lightning`, or `lightning.pytorch` with `lightning.fabric`."""

    name: str
    fabric: str

    @classmethod
    def of_target(cls, target: str) -> LightningPackage:
        """The package of a trainer's `_target_`; `pytorch_lightning` for a trainer class of another package."""
        if target.split(".")[0] == "lightning":
            return cls("lightning.pytorch", "lightning.fabric")
        return cls("pytorch_lightning", "lightning_fabric")

    def get(self, path: str) -> Any:
        """The object at `path` below the package, such as `callbacks.Callback`."""
        return _get(f"{self.name}.{path}")

    def get_from_fabric(self, path: str) -> Any:
        """The object at `path` below the fabric package."""
        return _get(f"{self.fabric}.{path}")

    def adopt(self, hooks: type[Any], base: str) -> Any:
        """A subclass of `hooks` and of the package's class `base`, in which the methods of `hooks` come first."""
        return type(hooks.__name__, (hooks, self.get(base)), {"__module__": hooks.__module__})


def trainer_node(config: Mapping[str, Any]) -> dict[str, Any]:
    """The config's trainer, with Lightning's class if it names none."""
    return {"_target_": DEFAULT_TRAINER, **(config.get("trainer") or {})}


def lightning_of(config: Mapping[str, Any]) -> LightningPackage:
    """The package of the config's trainer."""
    return LightningPackage.of_target(str(trainer_node(config)["_target_"]))


def _get(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)
