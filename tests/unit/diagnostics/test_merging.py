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


def test_value_that_must_be_the_same_at_several_keys_is_one_fault_of_all_jobs() -> None:
    """Each job may lay it elsewhere, or lead there on other ways."""
    place = Place(Origin.FILE, "model.yaml", line=3, column=8, end_line=3, end_column=12)
    alike = [
        Diagnostic(
            "SER303", f"`{key}` must be int", place, key, jobs=(job,), notes=notes, wanted="int, not text"
        )
        for job, (key, notes) in enumerate([("net.width", ()), ("fit.net.width", ("also `fit.net.depth`",))])
    ]
    other = Diagnostic(
        "SER303", "`net.width` must be float", place, "net.width", jobs=(2,), wanted="float, not text"
    )

    merged = merge_jobs([*alike, other])

    assert [("`net.width` must be int", (0, 1)), ("`net.width` must be float", (2,))] == [
        (found.message, found.jobs) for found in merged
    ]


def test_fault_of_code_is_one_wherever_configs_name_it() -> None:
    """It is mended once; what is at fault in the configs is told of each."""
    places = [Place(Origin.FILE, f"model/{name}.yaml", line=1, column=1) for name in "ab"]
    of_code = [
        Diagnostic("SER306", "`Net.fit` is no hook", place, "model._target_", jobs=(job,), is_of_code=True)
        for job, place in enumerate(places)
    ]
    of_configs = [
        Diagnostic("SER306", "`Net` is no model", place, "model._target_", jobs=(job,))
        for job, place in enumerate(places)
    ]

    merged = merge_jobs([*of_code, *of_configs])

    assert [
        ("model/a.yaml", "`Net.fit` is no hook", (0, 1)),
        ("model/a.yaml", "`Net` is no model", (0,)),
        ("model/b.yaml", "`Net` is no model", (1,)),
    ] == [(found.place.file, found.message, found.jobs) for found in merged]
