"""The type of checks, and the context that they are called with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from serotiny.compiler.project import Layout, Project
from serotiny.compiler.project.layout import SEROTINY
from serotiny.compiler.target_nodes import TargetNode, callback_nodes
from serotiny.compiler.tree import Keys, Node
from serotiny.diagnostics import Diagnostic
from serotiny.targets import SignatureReader

_LIGHTNING_TRAINERS: Final = frozenset(
    {"lightning.pytorch.trainer.trainer.Trainer", "pytorch_lightning.trainer.trainer.Trainer"}
)


@dataclass(frozen=True, kw_only=True)
class CheckContext:
    """One job's config, as far as it is sound.

    Attributes:
        root: the resolved tree. A node whose value is `Unknown` is at fault already or known only
            inside a job, and nothing may be said of it.
        targets: each node whose `_target_` was found and is trusted, by its key path
            (`("trainer", "callbacks", "best")`), and each that a script certainly hands on to one call.
        project: whose config it is; relative paths count from its root.
        reader: what any other dotted path accepts.
        layout: where the model, the data module, the trainer and its callbacks are.
        registers: whether the project's code puts something into a registry under a name.
        operation: the operation that runs the job: `train`, `test` or `predict`; None if nothing here runs it.
    """

    root: Node
    targets: Mapping[Keys, TargetNode]
    project: Project
    reader: SignatureReader
    layout: Layout = SEROTINY
    registers: Callable[[str], bool] = lambda _: False
    operation: str | None = None

    def part(self, name: str) -> TargetNode | None:
        """A part of the layout (`model`, `data`, `trainer`), where its `_target_` was found."""
        keys = self.layout.keys(name)
        return None if keys is None else self.targets.get(keys)

    @property
    def callbacks(self) -> list[TargetNode]:
        """The callbacks of which the `_target_` was found."""
        found = (self.targets.get(keys) for keys, _ in callback_nodes(self.root, self.layout))
        return [target for target in found if target is not None]

    @property
    def lightning_trainer(self) -> TargetNode | None:
        """The trainer, if its class is Lightning's own and not one derived from it; the only one where the layout names none."""
        place = self.layout.keys("trainer")
        found = [target for target in self.lightning_trainers if place in (None, target.keys)]
        return found[0] if len(found) == 1 else None

    @property
    def lightning_trainers(self) -> list[TargetNode]:
        """All trainers of Lightning's own class, of which the model and the callbacks may be those of any one."""
        return [target for target in self.targets.values() if target.signature.path in _LIGHTNING_TRAINERS]


Check = Callable[[CheckContext], Iterable[Diagnostic]]
"""Returns the diagnostics of a config. It must not import heavy packages, write files or keep state."""
