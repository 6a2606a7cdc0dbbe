"""Splitting rows by shares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serotiny.datamodules.shares import Shares
from serotiny.io.dataframe.table import Table
from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import Split

EIGHTY: dict[Split, float] = {"train": 0.8, "valid": 0.1, "test": 0.1}


def table(rows: int, **columns: Any) -> Table:
    return Table.of(Path("m.csv"), {"id": list(range(rows)), **columns})


def split_of_each(shares: Shares, rows: Table) -> list[str]:
    found = [""] * len(rows)
    for split, positions in shares.divide(rows).items():
        for position in positions:
            assert not found[position]
            found[position] = split
    return found


def test_each_row_is_in_one_split_of_about_its_share() -> None:
    """Nothing is lost or there twice, and 10,000 rows come out within a percent."""
    found = split_of_each(Shares(of=EIGHTY, column="id"), table(10_000))
    assert "" not in found
    assert [pytest.approx(0.8, abs=0.01), pytest.approx(0.1, abs=0.01)] == [
        found.count("train") / 10_000,
        found.count("test") / 10_000,
    ]


def test_row_stays_where_it_is_when_others_are_added_or_the_order_changes() -> None:
    """A row's split follows from its id alone, in text, as CSV and parquet have it."""
    few = split_of_each(Shares(of=EIGHTY, column="id"), table(100))
    many = split_of_each(Shares(of=EIGHTY, column="id"), table(1000))
    assert few == many[:100]
    backward = Table.of(Path("m.csv"), {"id": [str(number) for number in range(99, -1, -1)]})
    assert few == split_of_each(Shares(of=EIGHTY, column="id"), backward)[::-1]


def test_another_seed_divides_otherwise() -> None:
    """Cross validation by hand: five seeds, five divisions."""
    rows = table(200)
    assert split_of_each(Shares(of=EIGHTY, column="id"), rows) != split_of_each(
        Shares(of=EIGHTY, column="id", seed=1), rows
    )


def test_group_stays_together() -> None:
    """No patient is in two splits."""
    patients = [number // 7 for number in range(700)]
    found = split_of_each(Shares(of=EIGHTY, column="id", group="patient"), table(700, patient=patients))
    for patient in range(100):
        assert 1 == len(set(found[7 * patient : 7 * patient + 7]))
    assert {"train", "valid", "test"} == set(found)


def test_each_stratum_is_divided_in_the_same_shares() -> None:
    """Also a rare class has its tenth in each part."""
    label = np.array(["common"] * 900 + ["rare"] * 50)
    found = np.array(
        split_of_each(Shares(of=EIGHTY, column="id", stratify="label"), table(950, label=list(label)))
    )
    for name, count in (("common", 900), ("rare", 50)):
        assert [0.8 * count, 0.1 * count, 0.1 * count] == [
            ((label == name) & (found == split)).sum() for split in ("train", "valid", "test")
        ]


def test_shares_reach_the_last_row() -> None:
    """Shares whose sum is 1 but for rounding lose no row at the border."""
    thirds: dict[Split, float] = {"train": 1 / 3, "valid": 1 / 3, "test": 1 / 3}
    assert "" not in split_of_each(Shares(of=thirds, column="id", stratify="s"), table(3, s=[1, 1, 1]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({"train": 0.8, "valid": 0.1}, "id"), "the shares of `split` add up to 0.9, not to 1"),
        (({"train": 1.2, "valid": -0.2}, "id"), "`split.train` is 1.2, which is no share"),
        (({"train": 0.9, "val": 0.1}, "id"), "`split` names `val`, which is none of"),
        (({"train": 1.0},), "`split` needs `split_id`"),
    ],
)
def test_shares_that_divide_nothing_are_an_error(arguments: Any, message: str) -> None:
    """The share at fault is named."""
    with pytest.raises(ManifestError, match=message):
        Shares(**dict(zip(("of", "column"), arguments, strict=False)))


def test_row_without_an_id_is_an_error() -> None:
    """A row that nothing tells apart cannot be placed."""
    with pytest.raises(ManifestError, match=r"m\.csv: column `id` has no value in row 1 "):
        Shares(of=EIGHTY, column="id").divide(Table.of(Path("m.csv"), {"id": ["a", None]}))
