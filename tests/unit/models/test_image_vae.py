"""ImageVAE."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from serotiny.models import ImageVAE
from serotiny.models.errors import BatchError, ModelError


@pytest.mark.parametrize(("size", "channels"), [((8, 8), 1), ((9, 5), 3), ((4, 7, 6), 2)])
def test_reconstruction_has_the_shape_of_the_image(size: tuple[int, ...], channels: int) -> None:
    """Sides need not be powers of two; three of them are a volume."""
    torch.manual_seed(0)
    model = ImageVAE(size, latent_dim=2, x_label="x", in_channels=channels, channels=[4, 8])
    x = torch.randn(3, channels, *size)
    predicted = model.eval().predict_step({"x": x, "id": ["a", "b", "c"]})
    assert ((3, 2), tuple(x.shape)) == (
        tuple(predicted["embedding"].shape),
        tuple(predicted["reconstruction"].shape),
    )


def test_loss_is_half_the_squares_and_the_kl() -> None:
    """The closed form of the class, over all pixels."""
    torch.manual_seed(0)
    model = ImageVAE([6, 6], latent_dim=2, x_label="x", channels=[4], beta=0.5).eval()
    x = torch.randn(5, 1, 6, 6)
    output = model(x)
    loss = model.loss(x, output)
    squares = 0.5 * ((x - output.reconstruction) ** 2).sum(dim=(1, 2, 3)).mean()
    torch.testing.assert_close(squares, loss.reconstruction)
    torch.testing.assert_close(squares + 0.5 * loss.kl, loss.total)


def test_a_few_steps_learn() -> None:
    """The loss of a constant image falls."""
    torch.manual_seed(0)
    model = ImageVAE([8, 8], latent_dim=2, x_label="x", channels=[4, 8])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    x = torch.ones(16, 1, 8, 8)
    losses = []
    for _ in range(60):
        loss = model.loss(x, model(x)).total
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_size": [8]}, "`image_size` has 1 sides"),
        ({"image_size": [8, 0]}, "a width below 1"),
        ({"channels": []}, "`channels` is empty"),
        ({"beta": -1}, "`beta` is -1"),
    ],
)
def test_impossible_network_is_an_error(arguments: dict[str, Any], message: str) -> None:
    """The argument is named."""
    with pytest.raises(ModelError, match=message):
        ImageVAE(**{"image_size": [8, 8], "latent_dim": 2, "x_label": "x", **arguments})


def test_image_of_another_size_is_an_error() -> None:
    """Both shapes are named."""
    model = ImageVAE([8, 8], latent_dim=2, x_label="x")
    with pytest.raises(BatchError, match=r"has shape \(2, 1, 9, 8\); .* want \(N, 1, 8, 8\)"):
        model.parse_batch({"x": torch.zeros(2, 1, 9, 8)})
