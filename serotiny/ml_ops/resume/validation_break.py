"""Interrupt a validation: the checkpoint then says that it has not begun."""

from __future__ import annotations

from typing import Any

import torch

from serotiny.ml_ops.ranks.control_group import ControlGroup


class ValidationBreak:
    """Whether the current validation may be interrupted after a batch, and the state of the loops for the checkpoint.

    It may not at the end of the training, since it would not be repeated; not while gradients are accumulated, since
    they would be lost; and not while averaged weights replace the weights, since those would be saved.
    """

    def __init__(self, trainer: Any, pl_module: Any, group: ControlGroup) -> None:
        """All processes must make one when the validation begins."""
        loop = trainer.fit_loop.epoch_loop
        _forget_unfinished(loop.val_loop.batch_progress.total)
        self._parameters = [weight for weight in pl_module.parameters() if weight.is_floating_point()]
        self._norms = self._norms_now()
        is_last = 0 < trainer.max_steps <= trainer.global_step or trainer.should_stop
        comes_back = not is_last and getattr(trainer, "_val_check_time_interval", None) is None
        batches = sum(loop.val_loop.max_batches)
        # processes with different numbers of batches could not communicate after each batch
        all_batches = set(group.gather(batches))
        self.is_possible = comes_back and not loop._should_accumulate() and len(all_batches) == 1

    def weights_are_the_same(self) -> bool:
        """Whether the weights are still those from the beginning of the validation."""
        pairs = zip(self._norms, self._norms_now(), strict=True)
        return all(torch.equal(before, now) for before, now in pairs)

    def _norms_now(self) -> list[torch.Tensor]:
        with torch.no_grad():
            return list(torch._foreach_norm(self._parameters)) if self._parameters else []


def as_if_not_begun(loops: dict[str, Any]) -> None:
    """Change the loops' state in a checkpoint so that Lightning runs the whole validation on resume."""
    progress = loops["fit_loop"]["epoch_loop.val_loop.batch_progress"]
    before = progress["total"]["ready"] - progress["current"]["ready"]
    progress["current"] = dict.fromkeys(progress["current"], 0)
    progress["total"] |= {
        "ready": before + 1,
        "started": before + 1,
        "processed": before,
        "completed": before,
    }
    progress["is_last_batch"] = False


def _forget_unfinished(total: Any) -> None:
    """Undo `as_if_not_begun` in Lightning's progress."""
    total.ready = total.started = total.processed = total.completed
