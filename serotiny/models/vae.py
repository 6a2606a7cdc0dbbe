"""What variational autoencoders share, whatever their networks."""

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
    """What a VAE makes of N rows.

    Attributes:
        reconstruction: Of the shape of the rows, (N, ...).
        mean: Of the posterior q(z|x), shape (N, latent_dim).
        log_variance: Of the posterior, whose covariance is diagonal; shape (N, latent_dim).
    """

    reconstruction: Tensor
    mean: Tensor
    log_variance: Tensor


class VAELoss(NamedTuple):
    """The terms of the objective, each of shape () and in nats, the mean over rows."""

    total: Tensor
    reconstruction: Tensor
    kl: Tensor


class VAE(StagedModule):
    """A β-VAE with a Gaussian posterior of diagonal covariance, the mean of a Gaussian p(x|z) of unit variance, and N(0, 1).

    The loss of a row is the negative of the bound of Kingma & Welling (2014, equation 10 and appendix B), with β before
    its second term (Higgins et al. 2017, equation 4), and without the constant ½ D log 2π:

        ½ Σᵢ (xᵢ − x̂ᵢ)²  −  β · ½ Σⱼ (1 + log σⱼ² − μⱼ² − σⱼ²)

    Attributes:
        encoder: Gives mean and log-variance, shape (N, 2 latent_dim).
        decoder: Takes (N, latent_dim), gives the shape of the input.
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
            BatchError: no input, or one of another shape.
        """

    def forward(self, x: Tensor) -> VAEOutput:
        """Embed and reconstruct x, shape (N, ...): through a sample in training, through the mean otherwise."""
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        z = mean
        if self.training:
            z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        return VAEOutput(self.decoder(z), mean, log_variance)

    def loss(self, x: Tensor, output: VAEOutput) -> VAELoss:
        """The objective (see the class), the mean over the rows of x."""
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
        """The embedding of each row and what it is reconstructed to.

        Returns:
            `embedding` (the posterior's mean), shape (N, latent_dim); `reconstruction`, of the input's shape;
            `id` and `index` of the batch if it has them.
        """
        output = self(self.parse_batch(batch))
        return row_ids(batch) | {"embedding": output.mean, "reconstruction": output.reconstruction}
