"""What the processes of a job tell each other beside gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.distributed as dist


class ControlGroup:
    """A process group of its own, on the CPU: to agree on a signal costs no synchronisation with a GPU.

    With one process everything is answered without it. Each call is to be made by all processes, in the
    same order.
    """

    def __init__(self, on_joined: Callable[[], None]) -> None:
        """`on_joined` is called once all processes are there."""
        self._on_joined = on_joined
        self._group: Any = None
        self._pending: tuple[Any, torch.Tensor] | None = None

    def join(self, world_size: int) -> None:
        """Meet the others, once; torch.distributed has been set up."""
        if world_size > 1 and self._group is None and dist.is_initialized():
            self._group = dist.new_group(backend="gloo")
            dist.barrier(self._group)
            self._on_joined()

    def largest_so_far(self, value: int) -> int:
        """The largest of the values that the processes gave in the call before; waits for nobody in general.

        The exchange of this call's values goes on while the next batch is trained on.
        """
        if self._group is None:
            return value
        before = self._settle()
        # what was agreed on stays so
        mine = torch.tensor(max(value, before))
        self._pending = (dist.all_reduce(mine, dist.ReduceOp.MAX, self._group, async_op=True), mine)
        return before

    def largest(self, value: int) -> int:
        """The largest of the values that the processes give now."""
        if self._group is None:
            return value
        mine = torch.tensor(max(value, self._settle()))
        dist.all_reduce(mine, dist.ReduceOp.MAX, self._group)
        return int(mine)

    def gather(self, value: Any) -> list[Any]:
        """What each process gives, by rank."""
        if self._group is None:
            return [value]
        gathered: list[Any] = [None] * dist.get_world_size(self._group)
        dist.all_gather_object(gathered, value, self._group)
        return gathered

    def gather_at_rank_0(self, value: Any) -> list[Any] | None:
        """What each process gives, by rank; None in the others than rank 0."""
        if self._group is None:
            return [value]
        is_here = dist.get_rank() == 0
        gathered: list[Any] | None = [None] * dist.get_world_size(self._group) if is_here else None
        dist.gather_object(value, gathered, 0, self._group)
        return gathered

    def _settle(self) -> int:
        if self._pending is None:
            return 0
        work, value = self._pending
        work.wait()
        self._pending = None
        return int(value)
