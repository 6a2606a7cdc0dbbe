"""The structured configs of the study."""

from dataclasses import dataclass

from hydra.core.config_store import ConfigStore

SOLVER = "solver"


@dataclass
class Root:
    steps: int = 100


@dataclass
class Adam:
    rate: float = 0.1


@dataclass
class Sgd:
    rate: float = 0.1
    momentum: float = 0.0


SOLVERS = {"adam": Adam, "sgd": Sgd}


def register() -> None:
    """Store the configs, those of the solvers by their names."""
    store = ConfigStore.instance()
    store.store("root_schema", Root)
    store.store(group="data", name="rows_schema", node=Root, package="data.rows")
    for name, solver in SOLVERS.items():
        store.store(group=SOLVER, name=name, node=solver)
