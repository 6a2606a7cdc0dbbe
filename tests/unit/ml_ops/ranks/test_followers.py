from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from serotiny.ml_ops.ranks.followers import Followers, RankFailedError
from serotiny.ml_ops.ranks.handover import Handover
from serotiny.ml_ops.resume.stop_request import StopRequest
from serotiny.tracking.reservation.owner import Owner
from tests.unit.ml_ops.conftest import MakePlan

_SAY_WHO = "from serotiny.tracking.reservation.owner import Owner; print(Owner.this_process().process)"


class SignalAtLine:
    """Sends this process SIGTERM when the line of this number runs, counted from `begin` on."""

    def __init__(self, number: int) -> None:
        self._left = number
        self._counts = False

    def begin(self) -> None:
        self._counts = True

    @property
    def was_sent(self) -> bool:
        return self._left < 0

    @contextmanager
    def traced(self) -> Iterator[None]:
        former = sys.gettrace()
        sys.settrace(self._trace)
        try:
            yield
        finally:
            sys.settrace(former)
            self._counts = False

    def _trace(self, _frame: FrameType, _event: str, _argument: Any) -> Any:
        if self._counts and not self.was_sent:
            self._left -= 1
            if self.was_sent:
                signal.raise_signal(signal.SIGTERM)
        return self._trace


@pytest.mark.parametrize("in_loop", [True, False])
def test_signal_after_a_rank_has_died_does_not_replace_its_failure(
    in_loop: bool, make_plan: MakePlan, tmp_path: Path
) -> None:
    """Whenever torchrun's SIGTERM comes after the death of rank 1, rank 0 raises that rank 1 has died."""
    ended = subprocess.run([sys.executable, "-c", _SAY_WHO], capture_output=True, text=True, check=True)
    handover = Handover.of(
        make_plan(),
        run_dir=tmp_path,
        run_id="",
        run_name="",
        has_drifted=False,
        checkpoint=None,
        import_paths=(),
    )

    def job(moment: SignalAtLine) -> None:
        followers = Followers(on_stuck=lambda _: None)
        with StopRequest() as stop:
            stop.tell(followers.forward)
            with moment.traced(), followers.led(handover, 2), stop.until_failure():
                followers.all_joined([Owner.this_process().process, ended.stdout.strip()])
                moment.begin()
                if in_loop:
                    with stop.deferred():
                        raise RuntimeError("gloo: Connection closed by peer")
                raise RuntimeError("gloo: Connection closed by peer")

    for number in count():
        moment = SignalAtLine(number)
        with pytest.raises(RankFailedError, match=r"^rank 1 has died$"):
            job(moment)
        if not moment.was_sent:
            break

    assert 20 < number
