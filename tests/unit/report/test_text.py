"""The report for people: headline, place, the line with its span underlined, help, notes, counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.diagnostics import DEFAULT, NOWHERE, Diagnostic, Origin, Place, Severity
from serotiny.report.calls import JobCall
from serotiny.report.report import Report, RunOutlook
from serotiny.report.terminal import Style, visible
from serotiny.report.text import render_text


def in_file(line: int, column: int, end_column: int, end_line: int | None = None) -> Place:
    return Place(
        Origin.FILE, "a.yaml", line=line, column=column, end_line=end_line or line, end_column=end_column
    )


def in_override(text: str, column: int, end_column: int) -> Place:
    return Place(
        Origin.OVERRIDE, None, line=1, column=column, end_line=1, end_column=end_column, override=text
    )


def render(root: Path, place: Place, source: str = "", **rest: object) -> str:
    (root / "a.yaml").write_text(source, "utf-8")
    fault = Diagnostic("SER303", "`a` is wrong", place, **rest)  # type: ignore[arg-type]  # fields by name
    return render_text(Report(jobs=1, diagnostics=(fault,), root=root))


def test_a_fault_is_shown_whole(tmp_path: Path) -> None:
    """Every part of a diagnostic has its line, and a last line counts."""
    text = render(tmp_path, in_file(2, 9, 12), "model:\n  size: big\n", help="take 3", notes=("one", "two"))

    assert (
        "error[SER303]: `a` is wrong\n"
        "  --> a.yaml:2:9\n"
        "   |\n"
        " 2 |   size: big\n"
        "   |         ^^^\n"
        "  help: take 3\n"
        "  note: one\n"
        "  note: two\n"
        "\n"
        "1 error in 1 job\n"
    ) == text


def marks(text: str) -> tuple[str, str]:
    """The shown line of source and the underline, from the same column on."""
    lines = text.splitlines()
    row = next(index for index, line in enumerate(lines) if "^" in line)
    bar = lines[row].index("|") + 2
    return lines[row - 1][bar:], lines[row][bar:]


@pytest.mark.parametrize(
    ("source", "column", "end_column", "expected"),
    [
        ("a: 12", 4, 6, ("a: 12", "   ^^")),
        ("a: 12", 1, 2, ("a: 12", "^")),
        ("a:", 3, 4, ("a:", "  ^")),
        ("a: ü12", 5, 7, ("a: ü12", "    ^^")),
        ("\ufeffa: 12", 4, 6, ("a: 12", "   ^^")),
        ("a:\t12", 4, 6, ("a: 12", "   ^^")),
        ("a: 12   ", 4, 9, ("a: 12   ", "   ^^")),
        ("a\u202eb: 12", 6, 8, ("a\\u202eb: 12", "          ^^")),
        ("a: \x1b[31m", 4, 9, ("a: \\u001b[31m", "   ^^^^^^^^^^")),
        ("模型: 12", 5, 7, ("模型: 12", "      ^^")),
        ("a: 模型", 4, 6, ("a: 模型", "   ^^^^")),
        ("e\u0301: 12", 5, 7, ("e\u0301: 12", "   ^^")),
    ],
)
def test_the_underline_stands_below_its_span(
    tmp_path: Path, source: str, column: int, end_column: int, expected: tuple[str, str]
) -> None:
    """Columns count characters; on the screen they are as wide as a terminal shows them."""
    assert expected == marks(render(tmp_path, in_file(1, column, end_column), source + "\n"))


def test_a_span_of_many_lines_is_underlined_on_its_first(tmp_path: Path) -> None:
    """The underline goes to the end of the line that the span starts in."""
    assert ("a: {b: 1,", "   ^^^^^^") == marks(render(tmp_path, in_file(1, 4, 3, 2), "a: {b: 1,\n  c}\n"))


def test_a_long_line_is_cut(tmp_path: Path) -> None:
    """A line is shown to a limit; a span behind it has no underline."""
    text = render(tmp_path, in_file(1, 500, 501), "a: " + "x" * 1000)

    assert max(len(line) for line in text.splitlines()) < 220
    assert "^" not in text


def test_a_sentence_without_end_is_cut(tmp_path: Path) -> None:
    """A key may be as long as a file; its beginning is enough to find it."""
    fault = Diagnostic("SER308", "`" + "k" * 200_000, NOWHERE, help="h" * 200_000)
    text = render_text(Report(jobs=1, diagnostics=(fault,), root=tmp_path))
    assert len(text) < 5_000
    assert "k…" in text


def test_a_line_is_masked_once_for_all_of_its_faults(tmp_path: Path) -> None:
    """Thousands of faults in a long line take no longer than a line each."""
    (tmp_path / "a.yaml").write_text("a: {password: hunter2}\n")
    report = Report(jobs=1, diagnostics=(), root=tmp_path)
    first, second = report.shown_line(in_file(1, 1, 2)), report.shown_line(in_file(1, 5, 6))
    assert first is second
    assert first is not None
    assert "a: {password: ***}" == first.text


def test_an_override_is_shown_as_typed(tmp_path: Path) -> None:
    """The argument stands where a file's line would, with the span in it underlined."""
    assert (
        "error[SER303]: `a` is wrong\n"
        "  --> override `a.b=12`\n"
        "  |\n"
        "  | a.b=12\n"
        "  |     ^^\n"
        "\n"
        "1 error in 1 job\n"
    ) == render(tmp_path, in_override("a.b=12", 5, 7))


@pytest.mark.parametrize(
    ("place", "lines"),
    [
        (DEFAULT, ["  --> schema default"]),
        (NOWHERE, []),
        (
            Place(Origin.FILE, "gone.yaml", line=3, column=1, end_line=3, end_column=2),
            ["  --> gone.yaml:3:1"],
        ),
        (Place(Origin.FILE, "a.yaml", line=99, column=1, end_line=99, end_column=2), ["  --> a.yaml:99:1"]),
        (Place(Origin.FILE, "a.yaml"), ["  --> a.yaml"]),
    ],
    ids=["default", "nowhere", "no-file", "no-line", "no-span"],
)
def test_a_place_without_source_is_named_alone(tmp_path: Path, place: Place, lines: list[str]) -> None:
    """Where there is no line to show, the place is named, if there is one."""
    text = render(tmp_path, place, "a: 1\n")

    assert ["error[SER303]: `a` is wrong", *lines, "", "1 error in 1 job"] == text.splitlines()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("über 模型", "über 模型"),
        ("a\tb", "a b"),
        ("a\nb\r", "a\\u000ab\\u000d"),
        ("\x1b]0;title\x07", "\\u001b]0;title\\u0007"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\u202eltr", "\\u202eltr"),
        ("\u2028", "\\u2028"),
    ],
)
def test_hostile_characters_are_spelt_out(text: str, expected: str) -> None:
    """What could move the cursor, hide text or turn it round is visible."""
    assert expected == visible(text)


def test_nothing_hostile_reaches_the_terminal(tmp_path: Path) -> None:
    """Every text that comes from a config is made visible: message, override, help, notes, runs."""
    evil = "\x1b[2J"
    fault = Diagnostic("SER303", evil, in_override(f"a={evil}", 3, 4), help=evil, notes=(evil,))
    runs = (RunOutlook(name=evil, experiment=evil, action="starts", note=evil, jobs=(0,)),)

    assert "\x1b" not in render_text(Report(jobs=1, diagnostics=(fault,), root=tmp_path, runs=runs))


TRAIN, TEST = JobCall("train"), JobCall("test")
WINE, VAE = JobCall("train", ("model=wine",)), JobCall("train", ("+experiment=vae",))
SWEEP = tuple(JobCall("train", ("seed=1", f"model.width={width}")) for width in range(9))


@pytest.mark.parametrize(
    ("calls", "jobs", "line"),
    [
        ((TRAIN,), (0,), None),
        ((TRAIN, TEST, WINE), (0, 1, 2), None),
        ((TRAIN, TEST, WINE), (0, 1), None),
        ((TRAIN, TEST, WINE), (2,), "  with model=wine"),
        ((TRAIN, TEST, WINE, VAE), (2, 3), "  with model=wine; with +experiment=vae"),
        ((TRAIN, TEST, WINE), (0, 2), "  in `train`"),
        ((TRAIN, TEST, JobCall("test", ("data=a b",))), (2,), "  in `test` with 'data=a b'"),
        (SWEEP, (2, 3), "  with model.width=2; with model.width=3"),
        (
            SWEEP,
            (1, 2, 3, 4, 5),
            "  with model.width=1; with model.width=2; with model.width=3 and 2 more",
        ),
    ],
)
def test_a_fault_names_the_call_that_it_belongs_to(
    tmp_path: Path, calls: tuple[JobCall, ...], jobs: tuple[int, ...], line: str | None
) -> None:
    """The option or override is named, not a number; nothing is said where it would say nothing."""
    fault = Diagnostic("SER303", "`a` is wrong", DEFAULT, jobs=jobs)

    text = render_text(Report(jobs=len(calls), diagnostics=(fault,), root=tmp_path, calls=calls))

    shown = [text for text in text.splitlines() if text.startswith(("  with ", "  in "))]
    assert ([line] if line else []) == shown


@pytest.mark.parametrize(
    ("jobs", "errors", "warnings", "line"),
    [
        (1, 0, 0, "nothing wrong in 1 job"),
        (3, 0, 0, "nothing wrong in 3 jobs"),
        (1, 1, 0, "1 error in 1 job"),
        (2, 2, 1, "2 errors and 1 warning in 2 jobs"),
        (2, 0, 2, "2 warnings in 2 jobs"),
    ],
)
def test_the_last_line_counts(tmp_path: Path, jobs: int, errors: int, warnings: int, line: str) -> None:
    """Errors and warnings are counted apart, and none of them is not mentioned."""
    found = [Diagnostic("SER303", "wrong", DEFAULT)] * errors
    found += [Diagnostic("SER303", "odd", DEFAULT, severity=Severity.WARNING)] * warnings

    report = Report(jobs=jobs, diagnostics=tuple(found), root=tmp_path)

    assert (errors, warnings) == (report.errors, report.warnings)
    assert line == render_text(report).splitlines()[-1]


def test_a_warning_says_so(tmp_path: Path) -> None:
    """The headline begins with the severity."""
    assert render(tmp_path, DEFAULT, severity=Severity.WARNING).startswith("warning[SER303]: ")


def test_run_names_are_told_with_what_would_become_of_them(tmp_path: Path) -> None:
    """One line a name, before the counts."""
    runs = (
        RunOutlook(name="vae", experiment="Default", action="resumes", note="failed at epoch 3", jobs=(0,)),
        RunOutlook(name="", experiment="Default", action="starts", note="no name asked for", jobs=(1,)),
    )

    assert (
        "run `vae` in `Default`: resumes (failed at epoch 3)\n"
        "run a new name in `Default`: starts (no name asked for)\n"
        "\n"
        "nothing wrong in 2 jobs\n"
    ) == render_text(Report(jobs=2, diagnostics=(), root=tmp_path, runs=runs))


def test_colour_only_paints(tmp_path: Path) -> None:
    """Without its escape sequences the coloured report is the plain one."""
    (tmp_path / "a.yaml").write_text("a: 1\n")
    report = Report(
        jobs=1, diagnostics=(Diagnostic("SER303", "`a` is wrong", in_file(1, 4, 5), help="b"),), root=tmp_path
    )

    coloured = render_text(report, Style(colour=True))

    assert "\x1b[1;31merror[SER303]\x1b[0m" in coloured
    for code in ("1;31", "1;33", "32", "1", "2", "0"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert render_text(report) == coloured


def test_more_faults_than_a_screen_shows_are_counted_by_code(tmp_path: Path) -> None:
    """Errors come first, and it is said how to look at fewer; of few faults no code is counted."""
    found = [("SER312", Severity.WARNING)] * 19 + [("SER201", Severity.ERROR)] * 2
    faults = tuple(
        Diagnostic(code, f"`{number}` is wrong", in_file(number + 1, 1, 2), severity=severity)
        for number, (code, severity) in enumerate(found)
    )

    many = render_text(Report(jobs=3, diagnostics=faults, root=tmp_path))
    few = render_text(Report(jobs=3, diagnostics=faults[1:], root=tmp_path))

    assert [
        "by code: SER201 2 times, SER312 19 times",
        "`--select SER201` shows one alone, `--ignore` leaves one out, `--write-baseline FILE` accepts what is there",
        "2 errors and 19 warnings in 3 jobs",
    ] == many.splitlines()[-3:]
    assert "by code" not in few


def test_a_check_that_found_no_job_does_not_say_that_all_is_well(tmp_path: Path) -> None:
    """A folder of files that are no configs of Hydra's is told, with how to name another."""
    text = render_text(Report(jobs=0, diagnostics=(), root=tmp_path))

    assert "nothing wrong" not in text
    assert "--config-dir" in text
