"""A launcher for Lightning that starts serotiny's own processes."""

from __future__ import annotations

from typing import Any

from serotiny.ml_ops.lightning.package import LightningPackage
from serotiny.ml_ops.ranks.followers import Followers


class RankLauncher:
    """Mixed in before `_SubprocessScriptLauncher`, to make the launcher that a strategy gets.

    Lightning's own launchers run the command line again in each process, which would be a second job, or pickle the
    job with its journal. When a process dies they kill rank 0, which then cannot record the failure.
    """

    cluster_environment: Any
    num_processes: int
    num_nodes: int
    followers: Followers

    def _call_children_scripts(self) -> None:
        self.followers.start(
            {
                "MASTER_ADDR": self.cluster_environment.main_address,
                "MASTER_PORT": str(self.cluster_environment.main_port),
                "NODE_RANK": str(self.cluster_environment.node_rank()),
                "WORLD_SIZE": str(self.num_processes * self.num_nodes),
                "LOCAL_RANK": "0",
            },
            self.num_processes,
        )

    def kill(self, signum: int) -> None:
        self.followers.forward(signum)


def install_launcher(trainer: Any, lightning: LightningPackage, followers: Followers) -> None:
    """Replace the launcher of the trainer's strategy, whichever it is.

    A strategy with one process has no launcher.
    """
    given = trainer.strategy.launcher
    script = lightning.get("strategies.launchers._SubprocessScriptLauncher")
    if not isinstance(given, script | lightning.get("strategies.launchers._MultiProcessingLauncher")):
        return
    strategy = trainer.strategy
    made = type(RankLauncher.__name__, (RankLauncher, script), {"__module__": RankLauncher.__module__})(
        strategy.cluster_environment, strategy.num_processes, strategy.num_nodes
    )
    made.followers = followers
    strategy._launcher = made
