"""Callbacks that draw, under a real trainer."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from PIL import Image
from pytorch_lightning.loggers import CSVLogger
from torch import Tensor, nn
from torch.utils.data import DataLoader

from serotiny.callbacks import ConfusionMatrix, LatentSpace, LossCurves, Reconstructions
from serotiny.callbacks.confusion_matrix import chosen
from serotiny.callbacks.errors import CallbackError
from serotiny.callbacks.latent_space import in_plane
from serotiny.models import BasicModel, ImageVAE, TabularVAE
from serotiny.pictures import scatter
from serotiny.pictures.curves import draw_curves
from serotiny.pictures.matrix import draw_confusion
from serotiny.pictures.pairs import draw_pairs
from serotiny.pictures.scatter import draw_scatter

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec.*is deprecated:FutureWarning"),
]


def rows(count: int = 12, shape: tuple[int, ...] = (4,)) -> list[dict[str, Any]]:
    generator = torch.Generator().manual_seed(0)
    return [
        {
            "x": torch.randn(*shape, generator=generator),
            "y": torch.tensor(number % 3),
            "name": "abc"[number % 3],
        }
        for number in range(count)
    ]


def vae() -> TabularVAE:
    torch.manual_seed(1)
    return TabularVAE(x_dim=4, latent_dim=3, hidden_layers=[8], x_label="x")


def classifier() -> BasicModel:
    torch.manual_seed(1)
    return BasicModel(nn.Linear(4, 3), nn.CrossEntropyLoss(), "x", "y")


def trainer_in(folder: Path, *callbacks: pl.Callback, **options: Any) -> pl.Trainer:
    settings = {"logger": CSVLogger(folder), "max_epochs": 2, "log_every_n_steps": 1, **options}
    return pl.Trainer(
        default_root_dir=folder,
        accelerator="cpu",
        devices=1,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=list(callbacks),
        **settings,
    )


def fitted(
    folder: Path, model: pl.LightningModule, *callbacks: pl.Callback, data: Any = None, **options: Any
) -> pl.Trainer:
    trainer = trainer_in(folder, *callbacks, **options)
    given: Any = data or rows()
    trainer.fit(model, DataLoader(given, batch_size=4, shuffle=True), DataLoader(given, batch_size=4))
    return trainer


def size_of(file: Path) -> tuple[int, int]:
    with Image.open(file) as picture:
        picture.load()
        return picture.size


def test_pictures_of_a_vae_are_drawn(tmp_path: Path) -> None:
    """Latent space and reconstructions of the validation, and the curves, are PNG files."""
    fitted(tmp_path, vae(), LossCurves(), LatentSpace("name"), Reconstructions(rows=3, shape=[2, 2]))

    drawn = {file.name for file in (tmp_path / "pictures").iterdir()}
    assert {"loss_curves.png", "latent_space.png", "reconstructions.png"} == drawn
    assert all(min(size_of(tmp_path / "pictures" / name)) > 100 for name in drawn)


def test_test_has_pictures_of_its_own(tmp_path: Path) -> None:
    """A test leaves what the validation drew."""
    trainer = trainer_in(tmp_path, ConfusionMatrix(["a", "b", "c"]))
    trainer.test(classifier(), DataLoader(rows(), batch_size=5), verbose=False)  # type: ignore[arg-type]
    assert ["confusion_matrix_test.png"] == [file.name for file in (tmp_path / "pictures").iterdir()]


@pytest.mark.parametrize("shape", [(1, 6, 5), (3, 6, 5), (2, 3, 6, 5)])
def test_reconstructions_of_images_and_volumes_are_shown(tmp_path: Path, shape: tuple[int, ...]) -> None:
    """Grey and coloured images, and the middle slice of a volume."""
    model = ImageVAE(shape[1:], 2, "x", in_channels=shape[0], channels=[4])
    fitted(tmp_path, model, Reconstructions(), data=rows(4, shape), max_epochs=1)
    assert size_of(tmp_path / "pictures" / "reconstructions.png")


def test_pictures_change_nothing_of_a_training(tmp_path: Path) -> None:
    """With a model that draws random numbers when it predicts, weights are the same bits with and without them."""

    class Restless(TabularVAE):
        def predict_step(self, batch: Any, batch_idx: int = 0) -> dict[str, Any]:
            return super().predict_step(batch, batch_idx) | {"noise": torch.rand(3) + np.random.rand()}

    weights = []
    for number, callbacks in enumerate(([], [LatentSpace("y"), Reconstructions(), LossCurves()])):
        torch.manual_seed(1)
        model = Restless(x_dim=4, latent_dim=3, hidden_layers=[8], x_label="x")
        fitted(tmp_path / str(number), model, *callbacks)
        weights.append(torch.cat([parameter.flatten() for parameter in model.parameters()]))
    assert torch.equal(*weights)


def test_curves_go_on_where_a_checkpoint_left_them(tmp_path: Path) -> None:
    """The epochs before an interruption are still in the picture."""
    whole, first, second = LossCurves(), LossCurves(), LossCurves()
    fitted(tmp_path / "whole", vae(), whole, max_epochs=3)
    stopped = fitted(tmp_path / "parts", vae(), first, max_epochs=2)
    stopped.save_checkpoint(tmp_path / "last.ckpt", weights_only=False)

    resumed = trainer_in(tmp_path / "parts", second, max_epochs=3)
    given: Any = rows()
    shuffled, ordered = DataLoader(given, batch_size=4, shuffle=True), DataLoader(given, batch_size=4)
    resumed.fit(vae(), shuffled, ordered, ckpt_path=tmp_path / "last.ckpt", weights_only=True)

    assert whole.state_dict()["epochs"] == second.state_dict()["epochs"]
    assert first.state_dict()["values"]["val_loss"] == second.state_dict()["values"]["val_loss"][:2]


def test_a_validation_that_is_left_out_adds_no_point(tmp_path: Path) -> None:
    """With a validation every other epoch, its curve has every other epoch."""
    curves = LossCurves()
    fitted(tmp_path, vae(), curves, max_epochs=4, check_val_every_n_epoch=2)
    assert {"train_loss": [0, 1, 2, 3], "val_loss": [1, 3]} == curves.state_dict()["epochs"]


def test_fast_dev_run_leaves_no_picture(tmp_path: Path) -> None:
    """What only tries whether the code runs records nothing."""
    fitted(tmp_path, vae(), LossCurves(), Reconstructions(), fast_dev_run=True)
    assert not (tmp_path / "pictures").exists()


def test_confusion_counts_each_row_once(tmp_path: Path) -> None:
    """Rows of the matrix sum to the rows of each class, over uneven batches."""
    matrix = ConfusionMatrix(3)
    trainer = trainer_in(tmp_path, matrix)
    model = classifier()
    trainer.test(model, DataLoader(rows(10), batch_size=4), verbose=False)  # type: ignore[arg-type]

    x = torch.stack([row["x"] for row in rows(10)])
    taken = model.network(x).argmax(dim=1)
    expected = torch.zeros((3, 3), dtype=torch.int64)
    for number, found in enumerate(taken.tolist()):
        expected[number % 3, found] += 1
    assert torch.equal(expected, matrix._counts)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (torch.tensor([[0.1, 0.9, 0.0]]), ([1], 3)),
        (torch.tensor([[-1.0], [2.0]]), ([0, 1], 2)),
        (torch.tensor([3.0, -3.0]), ([1, 0], 2)),
    ],
)
def test_the_class_taken_is_that_of_the_largest_score(
    scores: Tensor, expected: tuple[list[int], int]
) -> None:
    """Scores for each class, or one logit."""
    taken, size = chosen(scores)
    assert expected == (taken.tolist(), size)


def test_plane_keeps_distances_of_points_that_lie_in_one() -> None:
    """Principal axes are orthonormal: of points in a plane within five dimensions no distance changes."""
    torch.manual_seed(0)
    flat = torch.randn(20, 2)
    axes, _ = torch.linalg.qr(torch.randn(5, 2))
    shown = in_plane(flat @ axes.T)
    assert torch.allclose(torch.cdist(flat, flat), torch.cdist(shown, shown), atol=1e-4)
    assert (20, 2) == tuple(in_plane(torch.randn(20, 1)).shape)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LossCurves(metrics="loss"), "`metrics` is a list"),
        (lambda: LossCurves(every_n_epochs=0), "`every_n_epochs` is 0"),
        (lambda: LatentSpace(most_rows=0), "`most_rows` is 0"),
        (lambda: Reconstructions(rows=0), "`rows` is 0"),
        (lambda: Reconstructions(shape=[4]), "`shape` has 1 sides"),
        (lambda: ConfusionMatrix([]), r"`classes` is \[\]"),
        (lambda: ConfusionMatrix(0), "`classes` is 0"),
    ],
)
def test_arguments_that_make_no_picture_are_refused(make: Any, message: str) -> None:
    """When the callback is made, before any training."""
    with pytest.raises(CallbackError, match=message):
        make()


@pytest.mark.parametrize(
    ("callback", "message"),
    [
        (LatentSpace("colour"), "the batch has no `colour`, which `colour` names; it has `x`, `y`, `name`"),
        (LatentSpace(embedding="z"), "what `predict_step` gives has no `z`, which `embedding` names"),
        (Reconstructions(shape=[3, 3]), r"`shape` \[3, 3\] has 9 entries, and a row has 4"),
        (Reconstructions(output="embedding"), r"rows of shape \(3,\), and the input's have \(4,\)"),
        (ConfusionMatrix(), "TabularVAE has no `y_label`; give ConfusionMatrix one"),
    ],
)
def test_what_is_not_there_to_draw_is_named(tmp_path: Path, callback: pl.Callback, message: str) -> None:
    """With the callback and its argument that names it, and what there is instead."""
    with pytest.raises(CallbackError, match=rf"^callback `{type(callback).__name__}`: .*{message}"):
        fitted(tmp_path, vae(), callback, max_epochs=1)


def test_pictures_are_the_same_bytes_each_time() -> None:
    """Equal numbers give equal files, also with values that cannot be drawn."""
    odd = {"train": [(0.0, 1.0), (1.0, float("nan")), (2.0, -1.0)], "empty": []}
    assert draw_curves(odd, "epoch", is_logarithmic=True) == draw_curves(odd, "epoch", is_logarithmic=True)
    flat = np.zeros((2, 3, 3, 3))
    with Image.open(io.BytesIO(draw_pairs(flat, flat))) as picture:
        assert picture.size[0] > 100
    assert draw_confusion(np.zeros((2, 2)), ["a", "b"]).startswith(b"\x89PNG")


@pytest.mark.parametrize("shape", [(2, 4), (2, 1, 4, 4), (2, 3, 4, 4)])
def test_numbers_that_are_none_do_not_end_a_training(shape: tuple[int, ...]) -> None:
    """A picture of a model that has diverged is empty, where it is not finite."""
    nothing, some = np.full(shape, np.nan), np.zeros(shape)
    some.flat[0], some.flat[1] = np.inf, 3
    for inputs, outputs in ((nothing, nothing), (some, nothing), (nothing, some)):
        assert draw_pairs(inputs, outputs).startswith(b"\x89PNG")
    points = np.array([[0.0, 1.0], [np.nan, 2.0], [3.0, np.inf]])
    for values in ([float("nan"), 1.0, 2.0], [1.0, float("inf"), 2.0]):
        assert draw_scatter(points, values, colour_name="age").startswith(b"\x89PNG")


def test_many_texts_have_a_legend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the most frequent ones; the others are grey, and counted."""
    legends: list[list[str]] = []
    monkeypatch.setattr(
        scatter,
        "as_png",
        lambda figure: legends.append([text.get_text() for text in figure.axes[0].get_legend().get_texts()]),
    )
    texts = [f"{number:02}" for number in range(30)] + [f"{number:02}" for number in range(10, 29)]
    draw_scatter(np.zeros((len(texts), 2)), texts)
    draw_scatter(np.zeros((2, 2)), ["b", "a"])
    assert [[f"{number:02}" for number in range(10, 29)] + ["11 others"], ["a", "b"]] == legends
