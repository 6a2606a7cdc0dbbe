"""Trains on the digits, kills the training at random moments, starts it again, and compares the bits.

    python -m tests.benchmarks.bench_killed_runs [TRIALS=20] [WORKERS=0,1,2] [SEED]

This is the full size; as part of the whole table there are fewer trials. Says how each trial went; a trial is
wrong when the resumed run differs from an uninterrupted one in any weight, optimiser state or metric of any
step, or is not one run. A quarter of the kills fall into the writing of a checkpoint, a quarter into its upload.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.datasets import load_digits  # type: ignore[import-untyped]

from tests.benchmarks.row import Row, table
from tests.fakes.toy_jobs.bits import differences
from tests.system.ml_ops.conftest import ToyRun

EPOCHS = 6
_WORKERS = (0, 1, 2)


def rows() -> Iterator[Row]:
    """Few trials."""
    yield from killed_runs(2, _WORKERS, random.SystemRandom().randrange(1 << 30))


def digits_manifest(folder: Path) -> Path:
    """The digits as a CSV manifest with a split column."""
    digits = load_digits()
    rows = pd.DataFrame(digits.data, columns=[f"pixel_{index}" for index in range(64)])
    rows["split"] = [("train", "train", "valid", "test")[index % 4] for index in range(len(rows))]
    rows.to_csv(folder / "digits.csv", index=False)
    return folder / "digits.csv"


def digits_config(manifest: Path, workers: int) -> dict[str, Any]:
    """A TabularVAE, which draws its latent variables, on the manifest."""
    loaders = {"pixels": {"_target_": "serotiny.io.dataframe.loaders.LoadColumns", "startswith": "pixel_"}}
    return {
        "data": {
            "_target_": "serotiny.datamodules.ManifestDatamodule",
            "path": str(manifest),
            "split_column": "split",
            "loaders": loaders,
            "batch_size": 64,
            "num_workers": workers,
        },
        "model": {
            "_target_": "serotiny.models.TabularVAE",
            "x_label": "pixels",
            "x_dim": 64,
            "latent_dim": 8,
            "hidden_layers": [128, 64],
            "optimizer": {"_target_": "torch.optim.Adam", "_partial_": True, "lr": 0.001},
        },
    }


def killed_runs(trials: int, workers: Sequence[int], seed: int) -> Iterator[Row]:
    """The trials that end wrongly, for each number of the loader's workers."""
    moments = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="killed-runs-") as temporary:
        folder = Path(temporary)
        manifest = digits_manifest(folder)
        store = f"sqlite:///{folder}/mlflow.db"
        for count in workers:
            extra = digits_config(manifest, count)
            whole = ToyRun(folder, store, max_epochs=EPOCHS, name=f"whole-{count}", extra=extra)
            process = whole.start()
            whole.wait_for_training(process)
            began_s = time.monotonic()
            process.join()
            training_s = time.monotonic() - began_s
            state, history = whole.state(), whole.history()
            wrong = 0
            for trial in range(trials):
                toy = ToyRun(folder, store, max_epochs=EPOCHS, name=f"killed-{count}-{trial}", extra=extra)
                wrong += not _trial(toy, moments, training_s, state, history)
            yield Row(
                f"digits run killed and started again, {count} workers: other bits",
                "",
                wrong,
                0,
                beside=f"{trials} trials, seed {seed}",
            )


def _trial(toy: ToyRun, moments: random.Random, training_s: float, state: Any, history: Any) -> bool:
    kind = moments.random()
    if kind < 0.25:
        number = moments.randint(1, EPOCHS)
        moment = f"in write {number}"
        toy.start(in_write=number).join()
    elif kind < 0.5:
        number = moments.randint(1, 2)
        moment = f"in upload {number}"
        toy.start(in_upload=number).join()
    else:
        after_s = moments.uniform(0, training_s)
        moment = f"after {after_s:.2f} of {training_s:.2f} s"
        toy.start_and_kill_after(after_s)
    toy.finish()
    found = differences(state, toy.state()) + differences(history, toy.history())
    print(f"{toy.name}: killed {moment}: {'equal' if not found else found[:3]}", flush=True)
    return not found and len(toy.runs()) == 1


def main(arguments: list[str]) -> int:
    """Run the trials; the exit status."""
    trials = int(arguments[0]) if arguments else 20
    workers = [int(count) for count in arguments[1].split(",")] if len(arguments) > 1 else _WORKERS
    seed = int(arguments[2]) if len(arguments) > 2 else random.SystemRandom().randrange(1 << 30)
    found = list(killed_runs(trials, workers, seed))
    print(table(found))
    return int(not all(row.is_met for row in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
