"""A variational autoencoder of images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import prod
from typing import Any, Literal

from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from serotiny.models.errors import BatchError, ModelError
from serotiny.models.staged_module import take_tensor
from serotiny.models.vae import VAE


class ImageVAE(VAE):
    """A β-VAE of images or volumes: the encoder's convolutions halve each side, the decoder's double it.

    Posterior, prior and loss are those of TabularVAE, with sums over all pixels of all channels. There is a convolution
    of width 3 with a ReLU before each halving and after each doubling, and a linear layer to the embedding and one back.

    Logs `{train,val,test}_loss`, `…_reconstruction` and `…_kl` (without β), each the mean over the rows of an epoch.

    Args:
        image_size: Height and width, or depth, height and width.
        latent_dim: The length of an embedding.
        x_label: The key of the batch with the input, a float tensor of shape (N, C, H, W) or (N, C, D, H, W).
        in_channels: The channels C of an image.
        channels: The channels after each halving; each side must stay at least 1.
        optimizer: Makes the optimiser of the parameters, e.g. `torch.optim.AdamW` as a `_partial_: true` target.
            `None` is Adam with a learning rate of 1e-3.
        beta: The weight β of the KL divergence; 1 is the plain VAE, 0 leaves the divergence out.
        lr_scheduler: Makes the scheduler of the optimiser; `None` keeps the learning rate constant.
        lr_scheduler_interval: When the scheduler is stepped: after each epoch or after each step of the optimiser.
        lr_scheduler_monitor: The metric that `ReduceLROnPlateau` monitors.
        compiled: Compile the networks with `torch.compile` when a loop begins: `true`, or the name of a backend.

    Raises:
        ModelError: `image_size` does not have two or three sides, a width is not positive, `channels` is empty, `beta` is
            negative, or `optimizer` or `lr_scheduler` is not a callable (`_partial_: true` is missing).
    """

    def __init__(
        self,
        image_size: Sequence[int],
        latent_dim: int,
        x_label: str,
        in_channels: int = 1,
        channels: Sequence[int] = (32, 64),
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
        size = tuple(image_size)
        if len(image_size) not in (2, 3):
            raise ModelError(f"`image_size` has {len(image_size)} sides; an image has two, a volume three")
        if not channels:
            raise ModelError("`channels` is empty; it has the channels after each halving")
        if latent_dim < 1 or in_channels < 1 or any(width < 1 for width in (*size, *channels)):
            raise ModelError("a width below 1: sides, channels and `latent_dim` are positive")
        self.image_shape = (in_channels, *size)
        sizes = [size]
        for _ in channels:
            sizes.append(tuple((side + 1) // 2 for side in sizes[-1]))
        convolution: type[nn.Conv2d] | type[nn.Conv3d] = nn.Conv2d if len(size) == 2 else nn.Conv3d
        down: list[nn.Module] = []
        up: list[nn.Module] = []
        for level, (outer, inner) in enumerate(pairwise([in_channels, *channels])):
            down += [convolution(outer, inner, 3, stride=2, padding=1), nn.ReLU()]
            doubled: list[nn.Module] = [
                nn.Upsample(size=sizes[level]),
                convolution(inner, outer, 3, padding=1),
            ]
            up = [*doubled, nn.ReLU(), *up] if level else doubled
        smallest = (channels[-1], *sizes[-1])
        self.encoder = nn.Sequential(*down, nn.Flatten(), nn.Linear(prod(smallest), 2 * latent_dim))
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim, prod(smallest)), nn.ReLU(), nn.Unflatten(1, smallest), *up
        )

    def parse_batch(self, batch: Mapping[str, Any]) -> Tensor:
        """The input of a batch, shape (N, C, H, W) or (N, C, D, H, W).

        Raises:
            BatchError: the batch has no input, or it is no tensor of the right shape.
        """
        x = take_tensor(batch, self.x_label)
        if tuple(x.shape[1:]) != self.image_shape:
            wanted = ", ".join(map(str, self.image_shape))
            raise BatchError(
                f"`{self.x_label}` of the batch has shape {tuple(x.shape)}; `in_channels` and `image_size` want (N, {wanted})"
            )
        return x
