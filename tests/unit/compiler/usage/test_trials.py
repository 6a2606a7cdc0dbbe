"""Which of the ways to choose an option is the best."""

from __future__ import annotations

import pytest

from serotiny.compiler.usage.outcome import Call, Error, Outcome
from serotiny.compiler.usage.trials import Trials

UNREAD: Error = ("SER101", "data/rows.yaml", 1)
LACKING: Error = ("SER302", "experiment/short.yaml", 4)
FIRST: Call = ("train", ("model=line",))


def outcome(*errors: Error) -> Outcome:
    return Outcome(configs=(), groups=frozenset(), mandatory=(), errors=errors, is_refused=False)


@pytest.mark.parametrize(
    ("other", "errors", "is_better"),
    [
        (("train", ("experiment=short", "model=line")), [LACKING], False),
        (("train", ("experiment=short", "model=line")), [], True),
        (("eval", ("model=line",)), [LACKING], True),
    ],
)
def test_further_choice_that_brings_errors_is_no_better_for_replacing_a_broken_config(
    other: Call, errors: list[Error], is_better: bool
) -> None:
    """They may be those of the choices together; another root is as likely as the first."""
    trials = Trials({"model/line.yaml"}, {UNREAD}, adds_folders=False)
    trials.add(FIRST, FIRST, outcome(UNREAD), 0)
    trials.add(other, other, outcome(*errors), 0)

    assert (other if is_better else FIRST) == trials.best()
