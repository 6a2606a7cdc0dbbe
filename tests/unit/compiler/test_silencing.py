"""What is not to be told."""

from __future__ import annotations

import pytest

from serotiny.compiler.project.leniency import Leniency
from serotiny.compiler.silencing import Silencer, ignores_of
from serotiny.compiler.syntax.document import Document, parse_document
from serotiny.diagnostics import Diagnostic, Origin, Place


def fault(code: str = "SER303", line: int = 2, file: str = "configs/a.yaml") -> Diagnostic:
    return Diagnostic(code, "wrong", Place(Origin.FILE, file, line=line, column=1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2  # serotiny: ignore[SER303]\n", [(2, ("SER303",))]),
        ("# serotiny: ignore[SER303, SER304]\nb: 2\n", [(2, ("SER303", "SER304"))]),
        ("# serotiny: ignore\n\n# why\nb: 2\n", [(4, ())]),
        ("b: 2  #serotiny:ignore[SER3] for a while\n", [(1, ("SER3",))]),
        ("b: serotiny: ignore\n", []),
        ("b: 2  # serotiny: ignored\n", []),
        ("b: 2\n# serotiny: ignore\n", [(2, ())]),
    ],
)
def test_comment_is_about_its_line_or_the_next(
    text: str, expected: list[tuple[int, tuple[str, ...]]]
) -> None:
    """A comment beside a value is about that line, one with a line to itself about the next that holds more."""
    found = [(ignore.line, ignore.codes) for ignore in ignores_of(parse_document("configs/a.yaml", text))]

    assert expected == found


def test_comment_that_silences_nothing_is_told() -> None:
    """SER340 stands at the comment; one that was of use in any job is not told."""
    document = parse_document(
        "configs/a.yaml", "a: 1  # serotiny: ignore\nb: 2  # serotiny: ignore[SER303]\n"
    )
    silencer = Silencer(Leniency(), [document])

    told = silencer.told([fault()])
    others = silencer.told([fault("SER304")])

    assert [] == told.diagnostics
    assert ["SER304"] == [found.code for found in others.diagnostics]
    assert [("SER340", 1, 7)] == [
        (found.code, found.place.line, found.place.column) for found in silencer.unused(told.silenced_by)
    ]


def test_comments_of_a_document_that_is_read_later_count_too() -> None:
    """Jobs read further documents; a comment there silences what is told from then on."""
    documents: list[Document] = []
    silencer = Silencer(Leniency(), documents)

    before = silencer.told([fault()])
    documents.append(parse_document("configs/a.yaml", "a: 1\nb: 2  # serotiny: ignore\n"))

    assert [fault()] == before.diagnostics
    assert [] == silencer.told([fault()]).diagnostics


@pytest.mark.parametrize(
    "code", ["SER101", "SER501", "SER502", "SER504", "SER505", "SER506", "SER507", "SER508"]
)
def test_what_guards_is_always_told(code: str) -> None:
    """Nothing silences a file that cannot be read, or code, hosts and places that nobody trusts."""
    document = parse_document("configs/a.yaml", "a: 1\nb: 2  # serotiny: ignore\n")
    silencer = Silencer(Leniency(ignore=("SER",)), [document])

    assert [code] == [found.code for found in silencer.told([fault(code)]).diagnostics]


def test_lists_of_the_table_silence_codes_and_files() -> None:
    """`ignore` is for all files, `per-file-ignores` for some, and `select` leaves the rest."""
    found = [fault("SER303"), fault("SER301", file="configs/debug/a.yaml"), fault("SER203")]

    def told(leniency: Leniency) -> list[str]:
        return [item.code for item in Silencer(leniency, []).told(found).diagnostics]

    assert ["SER301", "SER203"] == told(Leniency(ignore=("SER303",)))
    assert ["SER303", "SER203"] == told(Leniency(per_file_ignores=(("configs/debug/*", ("SER3",)),)))
    assert ["SER203"] == told(Leniency(select=("SER2",)))
