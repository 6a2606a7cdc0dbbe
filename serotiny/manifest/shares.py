"""Shares of the rows for each split, in place of a column that says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import SPLITS
from serotiny.manifest.selection import listing

_TOLERANCE = 1e-9


def check_shares(shares: Mapping[Any, Any], is_decided: bool) -> None:
    """See that shares divide the rows.

    Args:
        shares: the part of the rows that each split gets.
        is_decided: a column is named whose values decide where a row goes.

    Raises:
        ManifestError: an unknown split, what is no share, a sum other than 1, or no such column.
    """
    for split, share in shares.items():
        if split not in SPLITS:
            raise ManifestError(f"`split` names `{split}`, which is none of {listing(SPLITS)}")
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise ManifestError(f"`split.{split}` is {share}, which is no share of the rows (from 0 to 1)")
    total = sum(shares.values())
    if abs(total - 1) > _TOLERANCE:
        raise ManifestError(f"the shares of `split` add up to {total:g}, not to 1")
    if not is_decided:
        raise ManifestError(
            "`split` needs `split_id`, a column that tells rows apart (or `split_group`), "
            "so that a row stays where it is when others are added"
        )
