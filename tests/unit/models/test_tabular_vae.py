"""TabularVAE."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from serotiny.models import TabularVAE
from serotiny.models.errors import BatchError, ModelError
from serotiny.models.vae import VAEOutput

NUMBERS = st.floats(-3, 3, width=32)


def vae(**changes: Any) -> TabularVAE:
    torch.manual_seed(0)
    arguments: dict[str, Any] = {"x_dim": 4, "latent_dim": 2, "hidden_layers": [8], "x_label": "x"}
    return TabularVAE(**(arguments | changes))


def widths(network: nn.Module) -> list[tuple[int, int]]:
    return [
        (layer.in_features, layer.out_features) for layer in network.modules() if isinstance(layer, nn.Linear)
    ]


def test_loss_is_the_bound_computed_by_hand() -> None:
    """½ Σ (x − x̂)² + β · ½ Σ (σ² + μ² − 1 − log σ²), the mean over rows."""
    x = torch.tensor([[1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    reconstruction = torch.tensor([[0.0, 0.0, 0.0, 0.0], [2.0, 0.0, 0.0, 0.0]])
    mean = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    log_variance = torch.tensor([[0.0, math.log(4.0)], [0.0, 0.0]])
    loss = vae(beta=3.0).loss(x, VAEOutput(reconstruction, mean, log_variance))
    expected_reconstruction = (0.5 * (1 + 4) + 0.5 * 4) / 2
    expected_kl = (0.5 * 1 + 0.5 * (4 - 1 - math.log(4.0))) / 2
    assert pytest.approx(expected_reconstruction) == loss.reconstruction.item()
    assert pytest.approx(expected_kl) == loss.kl.item()
    assert pytest.approx(expected_reconstruction + 3 * expected_kl) == loss.total.item()


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=5))
def test_divergence_is_that_of_torch(rows: list[tuple[float, ...]]) -> None:
    """The closed form agrees with torch's divergence of two Gaussians."""
    values = torch.tensor(rows)
    mean, log_variance = values[:, :2], values[:, 2:]
    posterior = torch.distributions.Normal(mean, torch.exp(0.5 * log_variance))
    prior = torch.distributions.Normal(torch.zeros(2), torch.ones(2))
    expected = torch.distributions.kl_divergence(posterior, prior).sum(dim=1).mean()
    x = torch.zeros(len(rows), 4)
    loss = vae().loss(x, VAEOutput(x, mean, log_variance))
    assert pytest.approx(expected.item(), rel=1e-4, abs=1e-5) == loss.kl.item()
    assert loss.kl.item() >= -1e-6


def test_decoder_mirrors_the_encoder() -> None:
    """The encoder ends in mean and log-variance; the decoder has the hidden layers in reverse."""
    model = vae(hidden_layers=[8, 6])
    assert [(4, 8), (8, 6), (6, 4)] == widths(model.encoder)
    assert [(2, 6), (6, 8), (8, 4)] == widths(model.decoder)


def test_no_hidden_layers_is_a_linear_model() -> None:
    """An empty list is allowed."""
    assert [(4, 4)] == widths(vae(hidden_layers=[]).encoder)


def test_training_samples_and_evaluation_does_not() -> None:
    """The same weights give the same loss in evaluation; in training z is drawn anew."""
    model, x = vae(), torch.ones(3, 4)
    assert not torch.equal(model(x).reconstruction, model(x).reconstruction)
    model.eval()
    assert torch.equal(model(x).reconstruction, model(x).reconstruction)


def test_sample_has_the_posteriors_mean_and_variance() -> None:
    """The sample is μ + σ ε with ε from N(0, 1)."""
    model = vae(latent_dim=4, hidden_layers=[])
    model.decoder = nn.Sequential(nn.Identity())
    x = torch.tensor([[0.5, -1.0, 2.0, 0.0]])
    output = model(x.expand(20_000, 4))
    assert torch.allclose(output.mean[0], output.reconstruction.mean(dim=0), atol=0.05)
    assert torch.allclose(output.log_variance[0].exp(), output.reconstruction.var(dim=0), rtol=0.05)


def test_prediction_has_embedding_and_reconstruction() -> None:
    """The embedding is the posterior's mean; what names the rows is carried on, and nothing else."""
    model, x = vae().eval(), torch.ones(3, 4)
    predicted = model.predict_step({"x": x, "id": [7, 8, 9], "label": [0, 0, 0]}, 0)
    assert {"id", "embedding", "reconstruction"} == set(predicted)
    assert [7, 8, 9] == predicted["id"]
    assert torch.equal(model(x).mean, predicted["embedding"])
    assert ((3, 2), (3, 4)) == (tuple(predicted["embedding"].shape), tuple(predicted["reconstruction"].shape))


@pytest.mark.parametrize("shape", [(3,), (3, 5), (3, 4, 1)])
def test_input_of_another_shape_is_an_error(shape: tuple[int, ...]) -> None:
    """The shape that came and the one that is wanted are named."""
    with pytest.raises(BatchError, match=r"`x` of the batch has shape \(3,.*wants \(N, 4\)"):
        vae().training_step({"x": torch.zeros(shape)}, 0)


def test_input_that_is_no_tensor_is_an_error() -> None:
    """A text of it is named, or else its type."""
    with pytest.raises(BatchError, match="`x` of the batch is text, `one` for example"):
        vae().training_step({"x": ["one"]}, 0)
    with pytest.raises(BatchError, match="`x` of the batch is a list, not a tensor"):
        vae().training_step({"x": [1.0]}, 0)


def test_missing_key_is_an_error() -> None:
    """The batch's keys are named."""
    with pytest.raises(BatchError, match=r"the batch has no `x`; its keys, .* are `y`, `id`"):
        vae().training_step({"y": torch.zeros(1, 4), "id": [1]}, 0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_dim": 0}, "a width below 1"),
        ({"latent_dim": -1}, "a width below 1"),
        ({"hidden_layers": [8, 0]}, "a width below 1"),
        ({"beta": -0.5}, "`beta` is -0.5"),
        ({"optimizer": 1e-3}, "`optimizer` is a float, not a callable; give it `_partial_: true`"),
        ({"lr_scheduler": {"step_size": 1}}, "`lr_scheduler` is a dict, not a callable"),
    ],
)
def test_bad_argument_is_an_error(changes: dict[str, Any], message: str) -> None:
    """The argument is named."""
    with pytest.raises(ModelError, match=message):
        vae(**changes)


def test_optimizer_defaults_to_adam() -> None:
    """Adam with 1e-3, on all parameters."""
    optimizer = vae().configure_optimizers()
    assert isinstance(optimizer, torch.optim.Adam)
    assert 1e-3 == optimizer.param_groups[0]["lr"]
    assert len(list(vae().parameters())) == len(optimizer.param_groups[0]["params"])


def test_optimizer_and_scheduler_are_made_of_partials() -> None:
    """The scheduler gets the optimiser; when and by what it is stepped is handed on."""
    model = vae(
        optimizer=partial(torch.optim.SGD, lr=0.5),
        lr_scheduler=partial(torch.optim.lr_scheduler.ReduceLROnPlateau, patience=3),
        lr_scheduler_monitor="train_loss",
        lr_scheduler_interval="step",
    )
    made: Any = model.configure_optimizers()
    assert isinstance(made["optimizer"], torch.optim.SGD)
    assert made["optimizer"] is made["lr_scheduler"]["scheduler"].optimizer
    assert ("step", "train_loss") == (made["lr_scheduler"]["interval"], made["lr_scheduler"]["monitor"])


def test_no_hyperparameters_are_kept() -> None:
    """A partial in a checkpoint could not be read with `weights_only=True`."""
    assert {} == dict(vae(optimizer=partial(torch.optim.SGD, lr=0.5)).hparams)


def test_model_is_one_of_pytorch_lightning() -> None:
    """Models and trainer come from one of the two namespaces."""
    assert isinstance(vae(), pl.LightningModule)


def test_gradient_reaches_every_parameter() -> None:
    """The sample is reparametrised: the encoder learns from the reconstruction, too."""
    model = vae(beta=0.0)
    model.log_dict = _ignore  # type: ignore[method-assign]  # there is no trainer to log to
    loss = model.training_step({"x": torch.rand(5, 4)}, 0)
    gradients = torch.autograd.grad(loss, list(model.parameters()))
    assert all(gradient.abs().sum() > 0 for gradient in gradients)


def _ignore(*_: object, **__: object) -> None:
    return None
