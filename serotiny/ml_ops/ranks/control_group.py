"""Communication between the processes of a job, other than of gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.distributed as dist

from serotiny.tracking.reservation.owner import Owner


class ControlGroup:
    """A separate process group on the CPU, so that agreeing on a signal needs no synchronisation with a GPU.

    A single process needs no group and answers at once. All processes must make the same calls in the same order.
    """

    def __init__(self, on_joined: Callable[[Sequence[str]], None]) -> None:
        """`on_joined` is called once all processes have joined, with the identity of each, by rank."""
        self._on_joined = on_joined
        self._group: Any = None
        self._pending: tuple[Any, torch.Tensor] | None = None

    def join(self, world_size: int) -> None:
        """Create the group, once; torch.distributed must be initialised."""
        if world_size > 1 and self._group is None and dist.is_initialized():
            self._group = dist.new_group(backend="gloo")
            self._on_joined(self.gather(Owner.this_process().process))

    def largest_so_far(self, value: int) -> int:
        """The largest value of all processes in the previous call, usually without waiting.

        The values of this call are exchanged in the background, while the next batch is trained on.
        """
        if self._group is None:
            return value
        before = self._settle()
        # the agreed value never decreases
        mine = torch.tensor(max(value, before))
        self._pending = (dist.all_reduce(mine, dist.ReduceOp.MAX, self._group, async_op=True), mine)
        return before

    def largest(self, value: int) -> int:
        """The largest value of all processes in this call."""
        if self._group is None:
            return value
        mine = torch.tensor(max(value, self._settle()))
        dist.all_reduce(mine, dist.ReduceOp.MAX, self._group)
        return int(mine)

    def gather(self, value: Any) -> list[Any]:
        """The values of all processes, by rank."""
        if self._group is None:
            return [value]
        gathered: list[Any] = [None] * dist.get_world_size(self._group)
        dist.all_gather_object(gathered, value, self._group)
        return gathered

    def gather_at_rank_0(self, value: Any) -> list[Any] | None:
        """The values of all processes, by rank; None on ranks other than 0."""
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
