"""A model that trains a network with a loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal

from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torchmetrics import Metric, MetricCollection

from serotiny.models.errors import ModelError
from serotiny.models.staged_module import STAGES, Stage, StagedModule, missing_entry, row_ids, take
from serotiny.models.target_faults import label_fault, text_fault


class BasicModel(StagedModule):
    """Any network trained with any loss, on batches that are dictionaries.

    Logs `train_loss`, `val_loss` and `test_loss`, each the mean over the rows of an epoch. To change its behaviour,
    override `parse_batch` (what is taken from a batch), `forward` (how the network is called) or `_step` (everything).

    Args:
        network: Called with the input, a tensor of shape (N, ...).
        loss: Called with the network's output and the target; returns a tensor of shape ().
        x_label: The key of the batch with the input.
        y_label: The key of the batch with the target.
        optimizer: Makes the optimiser of the parameters, e.g. `torch.optim.AdamW` as a `_partial_: true` target.
            `None` is Adam with a learning rate of 1e-3.
        lr_scheduler: Makes the scheduler of the optimiser; `None` keeps the learning rate constant.
        lr_scheduler_interval: When the scheduler is stepped: after each epoch or after each step of the optimiser.
        lr_scheduler_monitor: The metric that `ReduceLROnPlateau` monitors.
        metrics: `torchmetrics` metrics, each called with the network's output and the target, and logged as
            `{train,val,test}_NAME` over the rows of an epoch.
        compiled: Compile the network with `torch.compile` when a loop begins: `true`, or the name of a backend.

    Raises:
        ModelError: `optimizer` or `lr_scheduler` is not a callable (`_partial_: true` is missing).
    """

    logged_by_name: ClassVar[str] = "metrics"
    """The parameter whose keys are logged as `{train,val,test}_KEY`; the check of metrics reads this."""

    def __init__(
        self,
        network: nn.Module,
        loss: nn.Module | Callable[[Any, Any], Tensor],
        x_label: str,
        y_label: str,
        optimizer: Callable[..., Optimizer] | None = None,
        lr_scheduler: Callable[..., LRScheduler] | None = None,
        lr_scheduler_interval: Literal["epoch", "step"] = "epoch",
        lr_scheduler_monitor: str = "val_loss",
        metrics: Mapping[str, Metric] | None = None,
        compiled: bool | Literal["inductor", "cudagraphs", "aot_eager", "eager"] = False,
    ) -> None:
        super().__init__(
            optimizer,
            lr_scheduler,
            lr_scheduler_interval=lr_scheduler_interval,
            lr_scheduler_monitor=lr_scheduler_monitor,
            compiled=compiled,
        )
        for name, metric in (metrics or {}).items():
            if not isinstance(metric, Metric):
                fix = "; list its metrics by name" if isinstance(metric, MetricCollection) else ""
                raise ModelError(
                    f"`metrics.{name}` is a {type(metric).__name__}, not a torchmetrics metric{fix}"
                )
        # A copy for each stage: a metric accumulates the rows of an epoch, and a validation runs in the middle of the
        # training's epoch. The keys have a suffix since `train` alone is a method of every module.
        self.stage_metrics = nn.ModuleDict(
            {
                f"{stage}_": nn.ModuleDict({name: metric.clone() for name, metric in (metrics or {}).items()})
                for stage in STAGES
            }
        )
        self._checked_stages: set[Stage] = set()
        self.network = network
        self.loss = loss
        self.x_label = x_label
        self.y_label = y_label

    def networks(self) -> Sequence[nn.Module]:
        """The network."""
        return (self.network,)

    def parse_batch(self, batch: Mapping[str, Any]) -> tuple[Any, Any]:
        """The input and the target of a batch; the target is `None` if the batch has none (prediction).

        Raises:
            BatchError: the batch has no input.
        """
        return take(batch, self.x_label), batch.get(self.y_label)

    def forward(self, x: Any) -> Any:
        """The network's output."""
        return self.network(x)

    def _step(self, stage: Stage, batch: Mapping[str, Any], batch_idx: int) -> Tensor:  # noqa: ARG002  # the role's
        x, y = self.parse_batch(batch)
        if y is None:
            raise missing_entry(batch, self.y_label)
        try:
            output = self(x)
            loss = self._loss_of(output, y)
        except (AttributeError, TypeError) as error:
            if (fault := text_fault({self.x_label: x, self.y_label: y}, error)) is not None:
                raise fault from error
            raise
        self._log_losses({f"{stage}_loss": loss}, rows=len(x))
        self._log_metrics(stage, output, y)
        return loss

    def _loss_of(self, output: Any, target: Any) -> Tensor:
        try:
            loss: Tensor = self.loss(output, target)
        except (IndexError, RuntimeError) as error:
            if (fault := label_fault(self.loss, output, target, key=self.y_label, error=error)) is not None:
                raise fault from None
            raise
        return loss

    def _log_metrics(self, stage: Stage, output: Any, target: Any) -> None:
        metrics: Any = self.stage_metrics[f"{stage}_"]
        for metric in metrics.values():
            metric.update(output, target)
        self._check_metrics(stage)
        if metrics:
            self.log_dict(
                {f"{stage}_{name}": metric for name, metric in metrics.items()}, on_step=False, on_epoch=True
            )

    def _check_metrics(self, stage: Stage) -> None:
        """Check at the first batch that the metrics of a stage are numbers, before Lightning or a logger refuses them."""
        if stage in self._checked_stages:
            return
        self._checked_stages.add(stage)
        metrics: Any = self.stage_metrics[f"{stage}_"]
        for name, metric in metrics.items():
            try:
                found = _of_own_rows(metric)
            except Exception:  # of some metrics one batch has too few rows, or rows of one class
                continue
            if not isinstance(found, Tensor) or found.numel() != 1:
                what = (
                    f"a tensor of shape {tuple(found.shape)}"
                    if isinstance(found, Tensor)
                    else f"a {type(found).__name__}"
                )
                raise ModelError(
                    f"`metrics.{name}` gives {what}, and one number is logged; of scores of each class take an `average`, "
                    "of a confusion matrix the picture that `serotiny.callbacks.ConfusionMatrix` draws"
                )

    def predict_step(self, batch: Mapping[str, Any], batch_idx: int = 0) -> dict[str, Any]:  # noqa: ARG002
        """The network's output, and `id` and `index` of the batch if it has them.

        Returns:
            The output under `prediction`, shape (N, ...); an output that is a mapping is kept as it is.
        """
        x, _ = self.parse_batch(batch)
        output = self(x)
        named = dict(output) if isinstance(output, Mapping) else {"prediction": output}
        return row_ids(batch) | named


def _of_own_rows(metric: Any) -> Any:
    """What a metric gives of the rows of this process.

    The other processes are not asked: they may be asking for another metric at that time, and would wait for ever.
    """
    alone = metric.clone()
    for part in alone.modules():
        part.distributed_available_fn = _is_not_distributed
    return alone.compute()


def _is_not_distributed() -> bool:
    return False
