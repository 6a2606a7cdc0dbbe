"""The jobs of a sweep, and where their overrides stand in what was typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.compiler.overrides.argument import parse_arguments
from serotiny.compiler.overrides.sweep import as_typed, expand_sweep
from serotiny.compiler.overrides.sweeper import Sweeper
from serotiny.compiler.project import Project
from serotiny.compiler.sources.sources import Sources
from serotiny.diagnostics import Origin, Place


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    (tmp_path / "model").mkdir()
    for name in ("vae", "vae_big", "mlp"):
        (tmp_path / "model" / f"{name}.yaml").touch()
    return Sources(Project(root=tmp_path, package=None, config_folders=(tmp_path,)))


@pytest.mark.parametrize(
    ("override", "code"),
    [
        ("a=range(0,100000000)", "SER121"),
        ("a=range(0,1,1e-300)", "SER121"),
        ("a=shuffle(range(0,100000000))", "SER121"),
        ("a=range(1,10,0)", "SER106"),
        ("a=range(0,inf)", "SER121"),
        ("a=choice(choice(1,2),2)", "SER106"),
        ("a=range(1,3),b", "SER106"),
        ("a=[range(1,3)]", "SER106"),
        ("model=glob(['*'])", "SER106"),
        ("model=glob(*,exclude=[1])", "SER106"),
    ],
)
def test_what_has_no_end_or_no_values_is_refused(sources: Sources, override: str, code: str) -> None:
    """Before anything is listed; Hydra itself would take all memory, or fall over."""
    assert [code] == [fault.code for fault in expand_sweep([override], sources).faults]


def jobs(sources: Sources, *overrides: str) -> list[tuple[str, ...]]:
    sweep = expand_sweep(overrides, sources)
    assert () == sweep.faults
    return [job.overrides for job in sweep.jobs]


def test_the_last_argument_changes_fastest(sources: Sources) -> None:
    """Jobs come in the order of Hydra's own sweeper, each with the fixed arguments in their place."""
    assert [
        ("a=1", "c=0", "b=x"),
        ("a=1", "c=0", "b=y"),
        ("a=2", "c=0", "b=x"),
        ("a=2", "c=0", "b=y"),
    ] == jobs(sources, "a=1,2", "c=0", "b=x,y")


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("a=range(1,4)", ["a=1", "a=2", "a=3"]),
        ("a=range(0,5,2)", ["a=0", "a=2", "a=4"]),
        ("+a=1,2", ["+a=1", "+a=2"]),
        ("++a=choice(x,y)", ["++a=x", "++a=y"]),
        ("model=glob(vae*)", ["model=vae", "model=vae_big"]),
        ("model=glob(*,exclude=vae*)", ["model=mlp"]),
        ("a=[1,2],[3]", ["a=[1,2]", "a=[3]"]),
        ("a=[1,2]", ["a=[1,2]"]),
    ],
)
def test_each_form_of_sweep_has_its_values(sources: Sources, override: str, expected: list[str]) -> None:
    """Ranges count, globs name options, lists are one value each, and `+` stays."""
    assert [(text,) for text in expected] == jobs(sources, override)


def test_a_sampling_sweeper_tries_each_value_once(sources: Sources) -> None:
    """Of a range to draw from the ends and the middle are compiled, of lists every value, but not each combination."""
    sweep = expand_sweep(["a=interval(0,1)", "b=1", "c=x,y,z"], sources, Sweeper(takes_all=False))

    assert () == sweep.faults
    assert [("a=0.0", "b=1", "c=x"), ("a=0.5", "b=1", "c=y"), ("a=1.0", "b=1", "c=z")] == [
        job.overrides for job in sweep.jobs
    ]


def test_of_a_large_sweep_a_few_jobs_have_each_value(sources: Sources) -> None:
    """A check of a whole project judges values, and not all that they make together."""
    sweep = expand_sweep(["a=5,1,2,3,4", "b=x,y", "c=range(0,400)"], sources, most=4)

    assert [
        ("a=5", "b=x", "c=0"),
        ("a=1", "b=y", "c=200"),
        ("a=2", "b=x", "c=399"),
        ("a=3", "b=y", "c=0"),
    ] == [job.overrides for job in sweep.jobs]


@pytest.mark.parametrize(
    ("override", "values"),
    [
        ("a=range(1,9)", ["1", "5", "8"]),
        ("a=shuffle(range(1,9))", ["1", "5", "8"]),
        ("a=range(0.5,2,0.5)", ["0.5", "1.0", "1.5"]),
        ("a=range(1,3)", ["1", "2"]),
    ],
)
def test_of_a_range_in_a_large_sweep_the_ends_and_the_middle_are_tried(
    sources: Sources, override: str, values: list[str]
) -> None:
    """What takes both ends takes the rest of them."""
    sweep = expand_sweep([override], sources, most=50)

    assert [(f"a={value}",) for value in values] == [job.overrides for job in sweep.jobs]


def test_sweep_that_is_only_read_has_the_faults_of_its_text(sources: Sources) -> None:
    """Too many jobs, and a range that the sweeper cannot use, are told without a job; each value of a range counts."""
    sweep = expand_sweep(["a=range(0,400)", "b=range(0,400)", "c=interval(0,1)"], sources, most=0)

    assert (["SER106", "SER121"], ()) == ([fault.code for fault in sweep.faults], sweep.jobs)


@pytest.mark.parametrize(
    ("override", "values"),
    [
        ("a=int(interval(1,8))", ["1", "4", "8"]),
        ("a=int(interval(1,2))", ["1", "2"]),
        ("a=range(1,4)", ["1", "2", "3", "4"]),
        ("a=range(1,6,2)", ["1", "3", "5"]),
        ("a=choice(3,1)", ["3", "1"]),
    ],
)
def test_what_optuna_may_draw_is_tried(sources: Sources, override: str, values: list[str]) -> None:
    """Whole numbers stay whole, and the end of a range is one of its values where a step comes to it."""
    sweep = expand_sweep([override], sources, Sweeper(takes_all=False, is_optuna=True))

    assert [(f"a={value}",) for value in values] == [job.overrides for job in sweep.jobs]


@pytest.mark.parametrize("override", ["a=interval(0,1)", "hydra.run.dir=x,y"])
def test_what_the_sweeper_cannot_use_is_told(sources: Sources, override: str) -> None:
    """SER106 for a range that Hydra's own sweeper cannot draw from, and for Hydra's own settings."""
    sweep = expand_sweep([override, "b=1"], sources)

    assert (["SER106"], [("b=1",)]) == (
        [fault.code for fault in sweep.faults],
        [job.overrides for job in sweep.jobs],
    )


def test_of_a_key_given_twice_the_last_counts(sources: Sources) -> None:
    """Two sweeps over one key are not four jobs, since Hydra's sweeper makes two; that the first has no effect is told."""
    sweep = expand_sweep(["a=1,2", "b=1", "a=3,4"], sources)

    assert [("a=3", "b=1"), ("a=4", "b=1")] == [job.overrides for job in sweep.jobs]
    assert [("SER317", "`a=1,2` has no effect: `a=3,4` comes after it")] == [
        (fault.code, fault.message) for fault in sweep.faults
    ]


def test_a_job_is_asked_for_as_the_sweeper_spells_it(sources: Sources) -> None:
    """The key is Hydra's spelling of the overrides that are not about Hydra, interpolations untouched."""
    (job,) = expand_sweep(["a=[1, 2]", "hydra.job.name=x", "b='${a}'"], sources).jobs

    assert (("a=[1, 2]", "hydra.job.name=x", "b='${a}'"), ("a=[1,2]", "b='${a}'")) == (job.overrides, job.key)


def test_what_a_sweeper_brings_along_is_swept_first(sources: Sources) -> None:
    """Parameters of the sweeper come before the overrides, and a fault in them lies in their file."""
    place = Place(Origin.FILE, "train.yaml", line=3, column=5)
    sweep = expand_sweep(["a=1"], sources, Sweeper(params=(("b=x,y", place),)))

    assert [("b=x", "a=1"), ("b=y", "a=1")] == [job.overrides for job in sweep.jobs]
    assert place == sweep.as_typed(
        Place(Origin.OVERRIDE, None, line=1, column=3, end_column=4, override="b=y")
    )


@pytest.mark.parametrize(
    ("override", "notes"),
    [
        ("model=glob(zz*)", ("`model` has `mlp`, `vae`, `vae_big`",)),
        ("nothing=glob(*)", ()),
        ("a=range(1,1)", ()),
    ],
)
def test_a_sweep_over_nothing_is_told(sources: Sources, override: str, notes: tuple[str, ...]) -> None:
    """SER106, since Hydra would start no job and call it a success; the rest is compiled."""
    sweep = expand_sweep([override, "b=1"], sources)
    (fault,) = sweep.faults

    assert [("b=1",)] == [job.overrides for job in sweep.jobs]
    assert ("SER106", override, notes) == (fault.code, fault.place.override, fault.notes)


def test_a_sweep_of_more_jobs_than_anybody_means_is_refused(sources: Sources) -> None:
    """SER121 at the argument with most values, and only the first job is compiled."""
    sweep = expand_sweep(["a=range(0,101)", "b=range(0,100)"], sources)
    (fault,) = sweep.faults

    assert 1 == len(sweep.jobs)
    assert ("SER121", "a=range(0,101)") == (fault.code, fault.place.override)


def test_what_is_no_override_is_told(sources: Sources) -> None:
    """SER106 for an argument that cannot be parsed; the rest is expanded."""
    sweep = expand_sweep(["a=1,2", "nothing"], sources)
    (fault,) = sweep.faults

    assert ([("a=1",), ("a=2",)], "SER106") == ([job.overrides for job in sweep.jobs], fault.code)


@pytest.mark.parametrize(
    ("typed", "job", "expected"),
    [
        ("a.b=1,22,3", "a.b=22", "22"),
        ("a=x,xy,y", "a=y", "y"),
        ("a=choice(1,2)", "a=2", "2"),
        ("a=[1,2],[3]", "a=[3]", "[3]"),
        ("a=range(1,4)", "a=3", "range(1,4)"),
        ("model=glob(vae*)", "model=vae", "glob(vae*)"),
        ("a=1", "a=1", "1"),
    ],
)
def test_a_value_is_found_in_what_was_typed(typed: str, job: str, expected: str) -> None:
    """A value that stands there word for word is underlined alone, else all behind `=`."""
    (argument,), _ = parse_arguments([job])

    place = as_typed(argument.value_place, [typed])

    assert typed == place.override
    assert place.column is not None
    assert place.end_column is not None
    assert expected == typed[place.column - 1 : place.end_column - 1]


def test_a_key_keeps_its_columns(sources: Sources) -> None:
    """The key stands in the sweep where it stands in the job."""
    (argument,), _ = parse_arguments(["a.b=1"])

    place = as_typed(argument.step_place(1), ["c=1", "a.b=1,2"])

    assert ("a.b=1,2", 3, 4) == (place.override, place.column, place.end_column)
