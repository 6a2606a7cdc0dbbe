"""Check the shares of the splits, which may replace a split column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serotiny.manifest.errors import ManifestError
from serotiny.manifest.files import SPLITS
from serotiny.manifest.selection import listing

_TOLERANCE = 1e-9


def check_shares(shares: Mapping[Any, Any], is_decided: bool) -> None:
    """Check that shares divide the rows.

    Args:
        shares: the share of each split.
        is_decided: whether a column is named whose values determine the split.

    Raises:
        ManifestError: a split is unknown, a share is invalid, their sum is not 1, or no such column is named.
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
