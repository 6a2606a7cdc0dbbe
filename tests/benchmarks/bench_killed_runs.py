"""Trains on the digits, kills the training at random moments, starts it again, and compares the bits.

    python tests/benchmarks/bench_killed_runs.py [TRIALS=20] [WORKERS=0,1,2] [SEED]

Prints a line for each trial and fails when a resumed run differs from an uninterrupted one in any weight,
optimiser state or metric of any step. A quarter of the kills fall into the writing of a checkpoint.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import pandas as pd
from sklearn.datasets import load_digits  # type: ignore[import-untyped]

from tests.fakes.toy_jobs.bits import differences
from tests.system.ml_ops.conftest import ToyRun

EPOCHS = 6


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


def main(trials: int, workers: list[int], seed: int) -> int:
    """Run the trials; the exit status."""
    moments = random.Random(seed)
    folder = Path(tempfile.mkdtemp(prefix="killed-runs-"))
    manifest = digits_manifest(folder)
    store = f"sqlite:///{folder}/mlflow.db"
    print(f"seed {seed}, {folder}")
    faults = 0
    for count in workers:
        extra = digits_config(manifest, count)
        whole = ToyRun(folder, store, max_epochs=EPOCHS, name=f"whole-{count}", extra=extra)
        process = whole.start()
        whole.wait_for_training(process)
        began_s = time.monotonic()
        process.join()
        training_s = time.monotonic() - began_s
        state, history = whole.state(), whole.history()
        for trial in range(trials):
            toy = ToyRun(folder, store, max_epochs=EPOCHS, name=f"killed-{count}-{trial}", extra=extra)
            faults += not _trial(toy, moments, training_s, state, history)
    print(f"{faults} of {trials * len(workers)} differ")
    return int(faults > 0)


def _trial(toy: ToyRun, moments: random.Random, training_s: float, state: Any, history: Any) -> bool:
    if moments.random() < 0.25:
        moment = f"in write {moments.randint(1, EPOCHS)}"
        toy.start(kill_at_sync=int(moment.split()[-1])).join()
    else:
        after_s = moments.uniform(0, training_s)
        moment = f"after {after_s:.2f} of {training_s:.2f} s"
        toy.start_and_kill_after(after_s)
    toy.finish()
    found = differences(state, toy.state()) + differences(history, toy.history())
    print(f"{toy.name}: killed {moment}: {'equal' if not found else found[:3]}", flush=True)
    return not found and len(toy.runs()) == 1


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(
        main(
            int(arguments[0]) if arguments else 20,
            [int(count) for count in arguments[1].split(",")] if len(arguments) > 1 else [0, 1, 2],
            int(arguments[2]) if len(arguments) > 2 else random.SystemRandom().randrange(1 << 30),
        )
    )
