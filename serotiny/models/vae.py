"""The base class of variational autoencoders, independent of their networks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from serotiny.models.errors import ModelError
from serotiny.models.losses import gaussian_kl
from serotiny.models.staged_module import Stage, StagedModule, row_ids


class VAEOutput(NamedTuple):
    """The output of a VAE for N rows.

    Attributes:
        reconstruction: The mean of p(x|z), of the shape of the rows, (N, ...).
        mean: The mean of the posterior q(z|x), shape (N, latent_dim).
        log_variance: The logarithm of the diagonal of the posterior's covariance, shape (N, latent_dim).
    """

    reconstruction: Tensor
    mean: Tensor
    log_variance: Tensor


class VAELoss(NamedTuple):
    """The terms of the objective, each of shape (), in nats, averaged over rows."""

    total: Tensor
    reconstruction: Tensor
    kl: Tensor


class VAE(StagedModule):
    """A β-VAE: q(z|x) is Gaussian with diagonal covariance, p(x|z) Gaussian with unit variance, the prior N(0, 1).

    The loss of a row is the negative of the bound of Kingma & Welling (2014, equation 10 and appendix B), with β before
    its second term (Higgins et al. 2017, equation 4), and without the constant ½ D log 2π:

        ½ Σᵢ (xᵢ − x̂ᵢ)²  −  β · ½ Σⱼ (1 + log σⱼ² − μⱼ² − σⱼ²)

    Attributes:
        encoder: Returns mean and log-variance, shape (N, 2 latent_dim).
        decoder: From shape (N, latent_dim) to the shape of the input.
    """

    encoder: nn.Module
    decoder: nn.Module

    def __init__(
        self,
        x_label: str,
        optimizer: Callable[..., Optimizer] | None = None,
        beta: float = 1.0,
        lr_scheduler: Callable[..., LRScheduler] | None = None,
        lr_scheduler_interval: Literal["epoch", "step"] = "epoch",
        lr_scheduler_monitor: str = "val_loss",
        compiled: bool | Literal["inductor", "cudagraphs", "aot_eager", "eager"] = False,
    ) -> None:
        super().__init__(
            optimizer,
            lr_scheduler,
            lr_scheduler_interval=lr_scheduler_interval,
            lr_scheduler_monitor=lr_scheduler_monitor,
            compiled=compiled,
        )
        if beta < 0:
            raise ModelError(f"`beta` is {beta}; it is not negative")
        self.x_label = x_label
        self.beta = beta

    def networks(self) -> Sequence[nn.Module]:
        """Encoder and decoder."""
        return self.encoder, self.decoder

    @abstractmethod
    def parse_batch(self, batch: Mapping[str, Any]) -> Tensor:
        """The input of a batch.

        Raises:
            BatchError: the batch has no input, or its shape is wrong.
        """

    def forward(self, x: Tensor) -> VAEOutput:
        """Embed and reconstruct x of shape (N, ...): from a posterior sample in training, otherwise from its mean."""
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        z = mean
        if self.training:
            z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        return VAEOutput(self.decoder(z), mean, log_variance)

    def loss(self, x: Tensor, output: VAEOutput) -> VAELoss:
        """The objective (see the class), averaged over the rows of x."""
        reconstruction = 0.5 * (x - output.reconstruction).square().flatten(1).sum(dim=1).mean()
        kl = gaussian_kl(output.mean, output.log_variance).mean()
        return VAELoss(reconstruction + self.beta * kl, reconstruction, kl)

    def _step(self, stage: Stage, batch: Mapping[str, Any], batch_idx: int) -> Tensor:  # noqa: ARG002  # the role's
        x = self.parse_batch(batch)
        loss = self.loss(x, self(x))
        self._log_losses(
            {
                f"{stage}_loss": loss.total,
                f"{stage}_reconstruction": loss.reconstruction,
                f"{stage}_kl": loss.kl,
            },
            rows=len(x),
        )
        return loss.total

    def predict_step(self, batch: Mapping[str, Any], batch_idx: int = 0) -> dict[str, Any]:  # noqa: ARG002
        """The embedding and the reconstruction of each row.

        Returns:
            `embedding` (the posterior's mean), shape (N, latent_dim); `reconstruction`, of the input's shape;
            `id` and `index` of the batch if it has them.
        """
        output = self(self.parse_batch(batch))
        return row_ids(batch) | {"embedding": output.mean, "reconstruction": output.reconstruction}
