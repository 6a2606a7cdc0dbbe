"""Losses beside those of torch; each takes an output and a target, and gives a tensor of shape ()."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributions import ContinuousBernoulli
from torch.nn import functional

from serotiny.models.errors import ModelError


def gaussian_kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(μ, σ²) ‖ N(0, 1)) of each row, in nats, summed over its dimensions: shape (N, D) to (N,).

    Kingma & Welling (2014), appendix B.
    """
    return -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(dim=1)


class GaussianNLL(nn.Module):
    """The negative log-likelihood of a target under a Gaussian, in nats: summed over a row, the mean over rows.

    The output is the mean, of the target's shape (N, ...), or mean and log-variance one after the other in
    dimension 1, (N, 2 C, ...) for a target of (N, C, ...).

    Args:
        variance: Of each value, when the output is the mean alone.

    Raises:
        ModelError: `variance` is not positive.
    """

    def __init__(self, variance: float = 1.0) -> None:
        super().__init__()
        if variance <= 0:
            raise ModelError(f"`variance` is {variance}; it is positive")
        self.variance = variance

    def forward(self, output: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        if output.shape == target.shape:
            mean, log_variance = output, torch.full_like(output, math.log(self.variance))
        else:
            mean, log_variance = output.chunk(2, dim=1)
        squares = (target - mean).square() * torch.exp(-log_variance)
        values = 0.5 * (squares + log_variance + math.log(2 * math.pi))
        return values.flatten(1).sum(dim=1).mean()


class ContinuousBernoulliNLL(nn.Module):
    """The negative log-likelihood of values in [0, 1] under a continuous Bernoulli, summed over a row, the mean over rows.

    For intensities, where binary cross entropy is no likelihood (Loaiza-Ganem & Cunningham 2019). The output are logits, of
    the target's shape (N, ...).
    """

    def forward(self, output: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        likelihood: Any = ContinuousBernoulli(logits=output, validate_args=False)
        values: Tensor = -likelihood.log_prob(target)
        return values.flatten(1).sum(dim=1).mean()


class CosineDistance(nn.Module):
    """1 − cos of the angle between output and target, both (N, D) or (N, ...), the mean over rows."""

    def forward(self, output: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return (1 - functional.cosine_similarity(output.flatten(1), target.flatten(1), dim=1)).mean()
