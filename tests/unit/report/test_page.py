"""Parts of a page in HTML."""

from __future__ import annotations

import json

import pytest

from serotiny.report.html.page import MOST_ROWS, MOST_TILES, long_table, long_tiles
from serotiny.report.html.runs.one import render_run
from serotiny.report.html.runs.two import render_two_runs
from serotiny.tracking import layout
from serotiny.tracking.contents import LARGEST_SHOWN, SHOWN_TEXTS, RunContents


def test_what_is_long_is_folded() -> None:
    """A run of a thousand metrics still shows its configuration."""
    rows = [(f"m{number}", "1") for number in range(1000)]
    shown, folded = long_table(rows, ("metric", "value")).split("<details>")
    assert MOST_ROWS == shown.count('scope="row"')
    assert 1000 - MOST_ROWS == folded.count('scope="row"')
    assert f"{1000 - MOST_ROWS} more" in folded
    assert "<details>" not in long_table(rows[:MOST_ROWS], ("metric", "value"))

    shown, folded = long_tiles(str(number) for number in range(100)).split("<details>")
    assert (MOST_TILES, 100 - MOST_TILES) == (shown.count('"tile"'), folded.count('"tile"'))
    assert "" == long_tiles([])


LINE = "+ a line with é and \u202e and <b>\n"
LONG = LINE * (LARGEST_SHOWN // len(LINE.encode()))
PLANS = {
    "one value": {"logged_config": {"model": {"text": LONG}}},
    "many values": {"logged_config": {"model": {f"k{number}": "<" * 30 for number in range(200_000)}}},
}


@pytest.mark.parametrize(
    "texts",
    [
        {layout.UNCOMMITTED: LONG},
        {layout.TRACEBACK: LONG},
        *({layout.plan_path("train"): json.dumps(plan)} for plan in PLANS.values()),
        {layout.ENVIRONMENT: json.dumps({"packages": {f"p{number}": "1" for number in range(200_000)}})},
        {layout.ENVIRONMENT: json.dumps({"platform": LONG})},
    ],
    ids=["changes", "traceback", *PLANS, "packages", "machine"],
)
def test_of_texts_of_megabytes_the_beginning_is_shown(texts: dict[str, str]) -> None:
    """A page of a run that another person has made stays one that a browser can show; it says that there is more."""
    assert set(SHOWN_TEXTS) >= set(texts)
    run = RunContents(
        run_id="a",
        run_name="one",
        experiment_name="e",
        tracking_uri=None,
        status="FAILED",
        tags={layout.TAG_ERROR: "ValueError"},
        texts=texts,
    )

    for page in (render_run(run), render_two_runs(run, run)):
        assert len(page) < 5_000_000
        assert "\u202e" not in page
    assert "not shown" in render_run(run) or "…" in render_run(run)
