"""Losses against closed forms and torch.distributions."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from serotiny.models.errors import ModelError
from serotiny.models.losses import ContinuousBernoulliNLL, CosineDistance, GaussianNLL, gaussian_kl


def random(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)), dtype=torch.float64)


def log_prob(distribution: Any, target: torch.Tensor) -> torch.Tensor:
    found: torch.Tensor = distribution.log_prob(target)
    return found


def test_kl_is_that_of_torch() -> None:
    """The closed form of a Gaussian against N(0, 1), summed over dimensions."""
    mean, log_variance = random(7, 3), random(7, 3) / 2
    expected = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0)).sum(dim=1)
    torch.testing.assert_close(expected, gaussian_kl(mean, log_variance))


def test_gaussian_with_a_fixed_variance_is_that_of_torch() -> None:
    """Summed over a row, the mean over rows."""
    mean, target = random(5, 2, 3), random(5, 2, 3) + 1
    expected = -log_prob(Normal(mean, math.sqrt(0.3)), target).sum(dim=(1, 2)).mean()
    torch.testing.assert_close(expected, GaussianNLL(0.3)(mean, target))


def test_gaussian_with_a_predicted_variance_is_that_of_torch() -> None:
    """Mean and log-variance come one after the other."""
    output, target = random(5, 4), random(5, 2)
    expected = -log_prob(Normal(output[:, :2], (output[:, 2:] / 2).exp()), target).sum(dim=1).mean()
    torch.testing.assert_close(expected, GaussianNLL()(output, target))


def test_variance_is_positive() -> None:
    """There is no Gaussian without one."""
    with pytest.raises(ModelError, match="`variance` is 0; it is positive"):
        GaussianNLL(0)


@pytest.mark.parametrize("logit", [-3.0, -1e-4, 0.0, 0.5, 4.0])
def test_continuous_bernoulli_integrates_to_one(logit: float) -> None:
    """exp(-loss) over [0, 1] is a density, and the closed form of Loaiza-Ganem & Cunningham."""
    target = torch.linspace(0, 1, 20_001, dtype=torch.float64)[:, None]
    loss = ContinuousBernoulliNLL()
    density = torch.stack(
        [torch.exp(-loss(torch.full((1, 1), logit, dtype=torch.float64), x[None])) for x in target[::100]]
    )
    assert pytest.approx(1, abs=1e-3) == torch.trapezoid(density, dx=1 / 200).item()
    if abs(logit) > 0.1:
        p = 1 / (1 + math.exp(-logit))
        constant = 2 * math.atanh(1 - 2 * p) / (1 - 2 * p)
        assert pytest.approx(constant * p**0.5 * (1 - p) ** 0.5, rel=1e-6) == density[100].item()


def test_cosine_is_0_for_the_same_direction_and_2_for_the_opposite() -> None:
    """The length does not matter."""
    x = random(4, 6)
    for factor, expected in ((3.0, 0.0), (-0.1, 2.0)):
        assert pytest.approx(expected, abs=1e-12) == CosineDistance()(x, factor * x).item()
    right = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 5.0]])
    assert 1.0 == CosineDistance()(*right).item()
