"""What comes to more than anybody means is refused at its place, whatever it is made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from serotiny.compiler.compile import Compiler
from serotiny.compiler.job import Compilation
from serotiny.compiler.limits import (
    MAX_CALL_LENGTH,
    MAX_DEFAULTS,
    MAX_FAULTS,
    MAX_NODES,
    MAX_PROJECT_VALUES,
    MAX_TAGS,
)
from serotiny.compiler.project import find_project
from serotiny.compiler.project_check.compile_project import compile_project
from serotiny.compiler.resolution.evaluate import Evaluation
from serotiny.compiler.syntax.document import parse_document


@pytest.fixture
def root(tmp_path: Path) -> Path:
    config = tmp_path / "study/config"
    config.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.serotiny]\npackage = "study"\n')
    return tmp_path


def compiled(root: Path, text: str, *overrides: str) -> Compilation:
    (root / "study/config/train.yaml").write_text(text)
    return Compiler.of_project(find_project(root)).compile_call("train", overrides)


@pytest.mark.parametrize(
    "line", ["key_{}: ${{none.{}}}", "key_{}: 1", "key_{}: ${{oc.env:NONE_{}}}", "key_{}: ??? # {}"]
)
def test_thousands_of_faults_are_told_up_to_a_limit(root: Path, line: str) -> None:
    """The first ones, and SER122 where the rest begins."""
    lines = "".join(f"{line.format(number, number)}\n" for number in range(MAX_FAULTS + 200))

    found = [fault.code for fault in compiled(root, lines).diagnostics]

    assert MAX_FAULTS + 1 == len(found)
    assert 1 == found.count("SER122")


def test_a_defaults_list_without_end_is_cut(root: Path) -> None:
    """SER123 at the first entry that is not read."""
    entries = "".join(f"  - optional part_{number}: none\n" for number in range(MAX_DEFAULTS + 5))

    found = compiled(root, f"defaults:\n{entries}").diagnostics

    (told,) = [fault for fault in found if fault.code == "SER123"]
    assert MAX_DEFAULTS + 2 == told.place.line


def test_lists_that_include_the_next_one_twice_are_cut(root: Path) -> None:
    """Thirty files that come to a billion configs are SER123 at the first list, in no time."""
    for number in range(30):
        following = f"part_{number + 1}"
        (root / f"study/config/part_{number}.yaml").write_text(f"defaults: [{following}@x, {following}@y]\n")
    (root / "study/config/part_30.yaml").write_text("a: 1\n")

    found = compiled(root, "seed: 1\ndefaults: [part_0]\n").diagnostics

    assert 2 in [fault.place.line for fault in found if fault.code == "SER123"]


def test_a_job_of_too_many_configs_that_asks_for_hydras_settings_is_refused(root: Path) -> None:
    """Its defaults list is given up, with Hydra's own in it, and the job has no settings of Hydra's."""
    for number in range(12):
        following = f"part_{number + 1}"
        (root / f"study/config/part_{number}.yaml").write_text(f"defaults: [{following}@x, {following}@y]\n")

    found = compiled(root, "defaults: [part_0]\n", "hydra.run.dir=outputs").diagnostics

    assert "SER123" in {fault.code for fault in found}


@pytest.mark.parametrize(
    ("primary", "option"),
    [
        ("defaults: [part]\n", f"# @package {'a.' * 50_000}b\nkey: 1\n"),
        (f"defaults: [part@{'a.' * 100}b]\n", "key: 1\n"),
    ],
)
def test_a_package_without_end_is_refused(root: Path, primary: str, option: str) -> None:
    """SER108 at the config that would stand so deep."""
    (root / "study/config/part.yaml").write_text(option)

    found = compiled(root, primary).diagnostics

    assert ["study/config/part.yaml"] == [fault.place.file for fault in found if fault.code == "SER108"]


NESTED = f"{'{a: ' * 40}1{'}' * 40}"


@pytest.mark.parametrize(
    ("text", "overrides", "codes"),
    [
        (f"one: &one {NESTED}\ntwo: {NESTED.replace('1', '*one')}\n", (), ["SER108"]),
        ("one: {}\ntwo: {}\n".format(NESTED, NESTED.replace("1", "'${one}'")), (), ["SER210"]),
        (f"defaults: [part@{'a.' * 40}b]\n", (), ["SER108"]),
        ("", (f"++{'a.' * 40}b={NESTED.replace(' ', '')}",), ["SER106"]),
        (f"one: &one {NESTED}\ntwo: {{a: {{a: *one}}, b: '${{one}}'}}\n", (), []),
        (f"defaults: [part@{'a.' * 20}b]\n", (), []),
        ("", (f"++{'a.' * 20}b={NESTED.replace(' ', '')}",), []),
    ],
)
def test_a_job_is_nested_no_deeper_than_its_configs_may_be(
    root: Path, text: str, overrides: tuple[str, ...], codes: list[str]
) -> None:
    """Levels add up, of aliases, references, packages and overrides; what walks over a job then never goes too deep."""
    (root / "study/config/part.yaml").write_text(f"one: {NESTED}\n")

    told = compiled(root, text, *overrides).diagnostics

    assert codes == [fault.code for fault in told if fault.code in ("SER106", "SER108", "SER210")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('defaults: ["a${b"]', "SER109"),
        ('defaults: [{"": x}]', "SER109"),
        (f"defaults: [{'a/' * 2000}]", "SER109"),
        ("key: ${oc.decode:'" + "9" * 5000 + "'}", "SER206"),
        ("key: ${oc.decode:'" + "[" * 500 + "]" * 500 + "'}", "SER206"),
        ("key: '" + "${" * 3000 + "'", "SER206"),
        *(
            ("key: " + number, "SER101")
            for number in ("9" * 5000, "0x" + "f" * 5000, "0b" + "1" * 20_000, "1" + ":59" * 3000)
        ),
        ("seed: 0x" + "f" * 900, "SER303"),
        ("key: " + "[" * 20_000, "SER108"),
        ("key: [" + "{" * 20_000, "SER108"),
        ("mlflow: {tracking_uri: 'http://[::1'}", "SER309"),
    ],
)
def test_what_a_parser_stumbles_over_is_a_diagnostic(root: Path, text: str, code: str) -> None:
    """No text ends in an exception of a library's."""
    assert code in {fault.code for fault in compiled(root, text).diagnostics}


@pytest.mark.parametrize(
    "override",
    [
        "++x=" + "[" * 100 + "]" * 100,
        "++" + "a." * 100 + "b=1",
        "++x=" + "a" * 30_000,
        "++x=" + "9" * 5000,
        "model=glob([" + ",".join(["*a"] * 2000) + "])",
        "++x='" + "\\" * 5001 + "'",
    ],
)
def test_an_override_without_end_is_refused(root: Path, override: str) -> None:
    """SER106 at the override, in no time."""
    (fault,) = [fault for fault in compiled(root, "", override).diagnostics if fault.code == "SER106"]

    assert override == fault.place.override


def test_a_control_character_is_found_behind_letters_of_two_bytes(root: Path) -> None:
    """Its place counts characters, as an editor does."""
    (fault,) = [
        fault for fault in compiled(root, "# ééé\nkey: é\x07\n").diagnostics if fault.code == "SER108"
    ]

    assert (2, 7, "character U+0007 is not allowed in YAML") == (
        fault.place.line,
        fault.place.column,
        fault.message,
    )


def test_half_of_a_character_is_found_in_the_text_of_an_editor() -> None:
    """No file holds one, but a message may (a lone surrogate); its place is that of any character not allowed."""
    (fault,) = parse_document("train.yaml", "# é\nname: a\ud800\n").diagnostics

    assert ("SER108", 2, 8, "character U+D800 is not allowed in YAML") == (
        fault.code,
        fault.place.line,
        fault.place.column,
        fault.message,
    )


def test_resolvers_are_not_asked_once_the_values_are_too_many(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list of 500 calls that give 1,000 keys each is SER210 where it comes to too many, and no work after that."""
    asked: list[str] = []
    value = Evaluation.value

    def counting(self: Evaluation) -> object:
        asked.append(self.node.value)
        return value(self)

    monkeypatch.setattr(Evaluation, "value", counting)
    keys = ", ".join(f"k{number}: 1" for number in range(1_000))
    calls = ", ".join(["'${oc.dict.keys:seeds}'"] * 500)

    found = compiled(root, f"seeds: {{{keys}}}\nx: [{calls}]\n").diagnostics

    assert ["x[48]"] == [fault.key for fault in found if fault.code == "SER210"]
    assert 49 == len(asked)


def test_a_config_that_is_merged_too_often_is_refused(root: Path) -> None:
    """What is below the limit by itself is SER108 in the file that is one too many, whatever the packages."""
    (root / "study/config/opt").mkdir()
    (root / "study/config/opt/large.yaml").write_text(f"v: [{', '.join(['1'] * (MAX_NODES // 3))}]\n")
    entries = "".join(f"  - opt@at_{number}: large\n" for number in range(200))

    found = compiled(root, f"defaults:\n{entries}").diagnostics

    assert [("study/config/opt/large.yaml", True)] == [
        (fault.place.file, f"{MAX_NODES:,}" in fault.message) for fault in found if fault.code == "SER108"
    ]


def test_overrides_that_are_too_long_together_are_refused(root: Path) -> None:
    """SER106 at the one that is one too many, though each of them is within its own limit."""
    values = ",".join(["1"] * 9_000)

    found = compiled(root, "seed: 1\n", *(f"+key_{number}=[{values}]" for number in range(8))).diagnostics

    assert [("SER106", "+key_2=")] == [
        (fault.code, str(fault.place.override)[:7])
        for fault in found
        if f"{MAX_CALL_LENGTH:,}" in fault.message
    ]


def test_a_job_of_too_many_values_is_refused(root: Path) -> None:
    """SER210 at the key that is one too many, with what an override adds."""
    text = f"seed: 1\nlarge: [{', '.join(['1'] * 49_000)}]\n"

    found = compiled(root, text, f"+more=[{','.join(['1'] * 2_000)}]").diagnostics

    assert ["more"] == [fault.key for fault in found if fault.code == "SER210"]


def test_what_a_project_has_beyond_a_limit_is_not_read(root: Path) -> None:
    """Hundreds of options within the limit are SER108 where those before them have come to too many."""
    (root / "study/config/opt").mkdir()
    count = 2 * MAX_PROJECT_VALUES // MAX_NODES
    for number in range(count):
        text = f"v: [{', '.join(['1'] * (MAX_NODES - 100))}]\n"
        (root / f"study/config/opt/o{number:03}.yaml").write_text(text)
    (root / "study/config/train.yaml").write_text("defaults: [opt: o000]\nseed: 1\n")

    found = compile_project(Compiler.of_project(find_project(root))).diagnostics

    told = [fault for fault in found if fault.code == "SER108"]
    assert count - MAX_PROJECT_VALUES // MAX_NODES - 1 == len(told)
    assert f"{MAX_PROJECT_VALUES:,}" in told[0].message


@pytest.mark.parametrize("count", [MAX_TAGS, MAX_TAGS + 1])
def test_tags_of_a_run_are_limited(root: Path, count: int) -> None:
    """One more is SER309 at their key."""
    tags = ", ".join(f"t{number}: 1" for number in range(count))

    found = compiled(root, f"mlflow:\n  tags: {{{tags}}}\n").diagnostics

    told = [(fault.key, fault.place.line) for fault in found if fault.code == "SER309"]
    assert told == ([("mlflow.tags", 2)] if count > MAX_TAGS else [])
