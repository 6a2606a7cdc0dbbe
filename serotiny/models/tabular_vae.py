"""A variational autoencoder of vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from serotiny.models.errors import BatchError, ModelError
from serotiny.models.staged_module import take_tensor
from serotiny.models.vae import VAE


class TabularVAE(VAE):
    """A β-VAE of vectors: two multilayer perceptrons with ReLU between their layers.

    The encoder returns mean and log-variance of a Gaussian q(z|x) with diagonal covariance, the decoder the mean of a
    Gaussian p(x|z) with unit variance; the prior is N(0, 1). The loss of a row is the negative of the bound of
    Kingma & Welling (2014, equation 10 and appendix B), with β before its second term (Higgins et al. 2017, equation 4):

        ½ Σᵢ (xᵢ − x̂ᵢ)²  −  β · ½ Σⱼ (1 + log σⱼ² − μⱼ² − σⱼ²)

    without the constant ½ x_dim log 2π. The first sum depends on the scale of x, and so does a good β: columns of unit
    variance need a smaller β than raw intensities. In training z is one sample of q(z|x); in evaluation it is the
    mean, so that the same weights give the same loss.

    Logs `{train,val,test}_loss`, `…_reconstruction` and `…_kl` (without β), each the mean over the rows of an epoch.

    Args:
        x_dim: The length of an input vector.
        latent_dim: The length of an embedding.
        hidden_layers: The widths of the encoder's hidden layers; the decoder has them in reverse. May be empty.
        x_label: The key of the batch with the input, a float tensor of shape (N, x_dim).
        optimizer: Makes the optimiser of the parameters, e.g. `torch.optim.AdamW` as a `_partial_: true` target.
            `None` is Adam with a learning rate of 1e-3.
        beta: The weight β of the KL divergence; 1 is the plain VAE, 0 leaves the divergence out.
        lr_scheduler: Makes the scheduler of the optimiser; `None` keeps the learning rate constant.
        lr_scheduler_interval: When the scheduler is stepped: after each epoch or after each step of the optimiser.
        lr_scheduler_monitor: The metric that `ReduceLROnPlateau` monitors.
        compiled: Compile the networks with `torch.compile` when a loop begins: `true`, or the name of a backend.

    Raises:
        ModelError: a width is not positive, `beta` is negative, or `optimizer` or `lr_scheduler` is not a callable
            (`_partial_: true` is missing).
    """

    def __init__(
        self,
        x_dim: int,
        latent_dim: int,
        hidden_layers: Sequence[int],
        x_label: str,
        optimizer: Callable[..., Optimizer] | None = None,
        beta: float = 1.0,
        lr_scheduler: Callable[..., LRScheduler] | None = None,
        lr_scheduler_interval: Literal["epoch", "step"] = "epoch",
        lr_scheduler_monitor: str = "val_loss",
        compiled: bool | Literal["inductor", "cudagraphs", "aot_eager", "eager"] = False,
    ) -> None:
        super().__init__(
            x_label,
            optimizer,
            beta=beta,
            lr_scheduler=lr_scheduler,
            lr_scheduler_interval=lr_scheduler_interval,
            lr_scheduler_monitor=lr_scheduler_monitor,
            compiled=compiled,
        )
        hidden = list(hidden_layers)
        if x_dim < 1 or latent_dim < 1 or any(width < 1 for width in hidden):
            raise ModelError("a width below 1: `x_dim`, `latent_dim` and `hidden_layers` are positive")
        self.x_dim = x_dim
        self.encoder = _perceptron([x_dim, *hidden, 2 * latent_dim])
        self.decoder = _perceptron([latent_dim, *reversed(hidden), x_dim])

    def parse_batch(self, batch: Mapping[str, Any]) -> Tensor:
        """The input of a batch, shape (N, x_dim).

        Raises:
            BatchError: the batch has no input, or it is no tensor of the right shape.
        """
        x = take_tensor(batch, self.x_label)
        if x.ndim != 2 or x.shape[1] != self.x_dim:
            raise BatchError(
                f"`{self.x_label}` of the batch has shape {tuple(x.shape)}; `x_dim` wants (N, {self.x_dim})"
            )
        return x


def _perceptron(widths: Sequence[int]) -> nn.Sequential:
    """Linear layers from each width to the next, with a ReLU between two of them."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])
