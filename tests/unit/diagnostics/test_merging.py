"""The same fault in several jobs."""

from __future__ import annotations

from serotiny.diagnostics import Diagnostic, Place, merge_jobs
from serotiny.diagnostics.place import Origin


def test_a_key_that_several_targets_do_not_take_is_one_fault() -> None:
    """A file on which the options of a group build gives it to each of them."""
    place = Place(Origin.FILE, "conf/start.yaml", line=2, column=3, end_line=2, end_column=8)
    faults = [
        Diagnostic(
            "SER301",
            f"`widht` is not a parameter of study.{name}",
            place,
            "model.widht",
            suggestion="width",
            jobs=(job,),
            target=f"study.{name}",
        )
        for job, name in enumerate(("Small", "Large", "Wide", "Deep", "Flat"))
    ]
    other = Diagnostic(
        "SER301", "`depht` is not a parameter of study.Small", place, "model.depht", target="study.Small"
    )

    one, alone = merge_jobs([*faults, other])

    assert ("`widht` is not a parameter of study.Small", (0, 1, 2, 3, 4)) == (one.message, one.jobs)
    assert ("nor of study.Large, study.Wide, study.Deep and 1 more",) == one.notes
    assert other == alone
