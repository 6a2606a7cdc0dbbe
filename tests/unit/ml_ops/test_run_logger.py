from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytorch_lightning.loggers import Logger

from serotiny.ml_ops.lightning.package import LightningPackage
from serotiny.ml_ops.run_logger import RunLogger, RunLostError
from serotiny.tracking.local_session import LocalSession
from serotiny.tracking.run_folder.folder import RunFolder
from serotiny.tracking.run_folder.owner_file import Occupant
from serotiny.tracking.session import RunRequest

from .conftest import metrics


class LostSession(LocalSession):
    @property
    def is_lost(self) -> bool:
        return True


@pytest.fixture(params=[LocalSession])
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalSession]:
    asking = Occupant(operation="train", run_name="toy", experiment="toys", identity="identity")
    folder = RunFolder.claim(tmp_path, asking, has_begun=False)
    assert isinstance(folder, RunFolder)
    session = request.param(
        RunRequest(
            operation="train",
            run_name="toy",
            logged_config={},
            identity="identity",
            run_dir=tmp_path,
            project_root=tmp_path,
        ),
        folder,
        "toy-run",
    )
    yield session
    session.close("FINISHED")


def test_values_are_recorded_as_they_are(session: LocalSession, tmp_path: Path) -> None:
    """NaN and infinities are values too; the logger is one of Lightning's."""
    logger = LightningPackage.of_target("pytorch_lightning.Trainer").adopt(RunLogger, "loggers.Logger")(
        session
    )
    logger.log_metrics({"loss": math.inf, "epoch": 0}, step=3)
    logger.log_metrics({"other": 1, "epoch": 0}, step=3)

    assert isinstance(logger, Logger)
    assert {("loss", 3): {math.inf}, ("epoch", 3): {0.0}, ("other", 3): {1.0}} == metrics(tmp_path)


def test_metrics_of_a_test_belong_to_the_checkpoints_step(session: LocalSession, tmp_path: Path) -> None:
    """Lightning says step 0 in epoch 0, whatever is tested."""
    logger = RunLogger(session)
    logger.evaluated_step = 60
    logger.log_metrics({"test_loss": 0.5, "epoch": 0}, step=0)

    assert {("test_loss", 60): {0.5}} == metrics(tmp_path)


@pytest.mark.parametrize("session", [LostSession], indirect=True)
def test_run_that_was_taken_over_stops_the_job(session: LocalSession) -> None:
    """The training ends with an error instead of writing into another's run."""
    with pytest.raises(RunLostError, match="the run `toy` was taken over"):
        RunLogger(session).log_metrics({"loss": 1.0}, step=0)
