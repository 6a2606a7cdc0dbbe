"""Losses that torch does not have; each takes an output and a target, and returns a tensor of shape ()."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributions import ContinuousBernoulli
from torch.nn import functional

from serotiny.models.errors import ModelError


def gaussian_kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(μ, σ²) ‖ N(0, 1)) of each row, in nats, summed over its dimensions: from shape (N, D) to (N,).

    Kingma & Welling (2014), appendix B.
    """
    return -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(dim=1)


class GaussianNLL(nn.Module):
    """The negative log-likelihood of a target under a Gaussian, in nats: the sum over a row, averaged over rows.

    The output is the mean, of the target's shape (N, ...), or mean and log-variance concatenated in dimension 1,
    (N, 2 C, ...) for a target of (N, C, ...).

    Args:
        variance: The variance of each value, used if the output is only the mean.

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
    """The negative log-likelihood of values in [0, 1] under a continuous Bernoulli: a row's sum, averaged over rows.

    For intensities, for which binary cross entropy is not a likelihood (Loaiza-Ganem & Cunningham 2019). The output
    is logits of the target's shape (N, ...).
    """

    def forward(self, output: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        likelihood: Any = ContinuousBernoulli(logits=output, validate_args=False)
        values: Tensor = -likelihood.log_prob(target)
        return values.flatten(1).sum(dim=1).mean()


class CosineDistance(nn.Module):
    """1 − cos of the angle between output and target, both of shape (N, D) or (N, ...), averaged over rows."""

    def forward(self, output: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return (1 - functional.cosine_similarity(output.flatten(1), target.flatten(1), dim=1)).mean()
