"""The pages about runs, opened in a browser that nothing can be reached from."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from serotiny.pictures.curves import draw_curves
from serotiny.report.html.runs.one import render_run
from serotiny.report.html.runs.two import render_two_runs
from serotiny.sweeps.axes import axes_of
from serotiny.sweeps.outcome import JobOutcome, JobStatus, SweepTable
from serotiny.sweeps.page import render_page
from serotiny.tracking import layout
from serotiny.tracking.contents import RunContents
from tests.fakes.browser import BROWSER, Browser, running_browser

HOSTILE = "<script>console.error('run')</script>\"'&"

_NESTED: Any = functools.reduce(lambda inner, _: [inner], range(900), list[Any]())


def contents(name: str, width: int = 3, status: str = "FINISHED") -> RunContents:
    """A run with long names, markup in its values and values that no curve can show."""
    plan = {
        "logged_config": {
            "model": {
                "width": width,
                "text": HOSTILE,
                "a_rather_long_key_" * 8: "value" * 60,
                "layers": [1, 2],
            },
            "seed": 7,
        },
        "origins": {"model.width": "config/model/default.yaml:3", "seed": "override `seed=7`"},
        "choices": {"model": "default"},
        "versions": {"torch": "2.6"},
    }
    curve = tuple((step, 1 / (step + width)) for step in range(2000))
    odd = ((0, float("nan")), (1, 1.0), (2, float("inf")), (3, -1e308), (4, 1e308))
    return RunContents(
        run_id="0123456789abcdef" * 2,
        run_name=f"{name} {HOSTILE}",
        experiment_name="study",
        tracking_uri="sqlite:///mlflow.db",
        status=status,
        start_ms=1_700_000_000_000,
        end_ms=1_700_000_100_000,
        tags={
            "mlflow.source.name": f"serotiny train model.text={HOSTILE}",
            "mlflow.source.git.commit": "c" * 40,
            layout.TAG_ERROR: f"ValueError: {HOSTILE}",
        },
        metrics={
            "train_loss": curve,
            "val_loss": curve[::100],
            "odd": odd,
            "never": (odd[0], odd[2]),
            "once": ((5, 2.0),),
            HOSTILE: curve[:3],
        },
        texts={
            layout.plan_path("train"): json.dumps(plan),
            layout.ENVIRONMENT: json.dumps({"python": "3.12", "packages": {"torch": str(width)}}),
            layout.UNCOMMITTED: f"-old\n+{HOSTILE}\n",
            layout.TRACEBACK: f"Traceback\n  {HOSTILE}" + "x" * 500,
        },
        pictures={"loss_curves": draw_curves({"train": [(0.0, 1.0), (1.0, 0.5)]}, "epoch")},
        has_checkpoint=True,
    )


SWEEP = SweepTable.of(
    [
        JobOutcome(
            number=number,
            key=(
                f"model.width={number}",
                f"text={HOSTILE * (number % 2)}",
                f"a_rather_long_key={number / 3}",
            ),
            status=JobStatus.FINISHED if number else JobStatus.FAILED,
            run_name=f"{number} {HOSTILE}",
            metric="val_loss",
            value=1 / number if number else None,
            duration_s=0.5 * 30**number,
            exit_status=0 if number else 3,
        )
        for number in range(6)
    ]
)

PAGES = {
    "one": render_run(contents("first")),
    "failed": render_run(contents("second", status="FAILED")),
    "empty": render_run(
        RunContents(run_id="", run_name="x", experiment_name="", tracking_uri=None, status="")
    ),
    "two": render_two_runs(contents("first"), contents("second", width=4)),
    "sweep": render_page(SWEEP, axes_of(SWEEP), f"a sweep {HOSTILE}"),
}


class Elements(HTMLParser):
    """Sees that elements close in the order in which they open, and keeps what leads elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href", "srcset"}]
        if tag not in {"meta", "link", "img", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if BROWSER is None:
        pytest.skip("no Chromium here; `make system-parts` installs it")
    with running_browser(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.mark.parametrize("name", PAGES)
def test_a_page_holds_all_that_it_shows(name: str) -> None:
    """Elements are balanced, nothing of a run is markup, and nothing is fetched from anywhere."""
    elements = Elements()
    elements.feed(PAGES[name])
    assert [] == elements.open
    assert all(link.startswith("data:") for link in elements.links)
    assert {"script", "iframe", "object"}.isdisjoint(elements.names)
    assert "@import" not in PAGES[name]
    assert "url(" not in PAGES[name]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1600])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_in_a_browser(
    browser: Browser, tmp_path: Path, name: str, width: int, scheme: str
) -> None:
    """On a phone and a wide screen, light and dark: no complaint, no request, nothing wider than the screen.

    No text is squeezed to a column of letters.
    """
    file = tmp_path / "page.html"
    file.write_text(PAGES[name], "utf-8")
    page = browser.open(file, width, 900, scheme)

    assert [] == page.complaints
    assert [file.as_uri()] == [url for url in page.requests if not url.startswith("data:")]
    assert page.value("document.documentElement.scrollWidth") <= width
    brightness = page.value("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]")
    assert (scheme == "light") == (brightness > 128)
    widths = page.value(
        "[...document.querySelectorAll('td')].filter(cell => cell.textContent.length > 10)"
        ".map(cell => cell.offsetWidth).filter(width => width)"
    )
    assert min(widths, default=100) > 60
    assert page.value("[...document.images].every(image => image.naturalWidth > 0)")


def test_a_page_says_what_set_each_value_and_what_failed() -> None:
    """The origin of a value, the error and its traceback, what was not committed, and how to load the model."""
    page = PAGES["failed"]
    for text in (
        "config/model/default.yaml:3",
        "override `seed=7`",
        "ValueError: &lt;script&gt;",
        "Traceback",
        '<span class="minus">-old</span>',
        "load_model_from_checkpoint(&#x27;sqlite:///mlflow.db&#x27;",
        "1 min 40 s",
    ):
        assert text in page
    assert "Why it failed" not in PAGES["one"]


@pytest.mark.parametrize("key", ["choices", "origins", "versions", "logged_config", None])
@pytest.mark.parametrize("value", [5, "x", [[1]], {"a": [1, {"b": [2]}]}, {"a": _NESTED}, None])
def test_a_plan_of_another_form_is_shown_as_far_as_it_can_be(key: str | None, value: Any) -> None:
    """Whoever may write into a run's artifacts can put anything in the place of its plan."""
    run = contents("odd")
    plan = {**json.loads(run.texts[layout.plan_path("train")]), key: value} if key is not None else value
    run = replace(run, texts={**run.texts, layout.plan_path("train"): json.dumps(plan)})

    assert "odd" in render_run(run)
    assert "odd" in render_two_runs(run, contents("even"))


def test_a_page_of_many_values_takes_as_many_steps() -> None:
    """Sixteen times the values, in as many groups, take no more than some sixteen times as many calls."""

    def calls(count: int) -> int:
        config = {f"group{number}": {"value": number} for number in range(count)}
        origins = {f"group{number}.value": "config/train.yaml:1" for number in range(count)}
        run = contents("many")
        plan = json.dumps({"logged_config": config, "origins": origins})
        run = replace(run, texts={**run.texts, layout.plan_path("train"): plan})
        made = 0

        def note(_frame: object, event: str, _argument: object) -> None:
            nonlocal made
            made += event in ("call", "c_call")

        sys.setprofile(note)
        try:
            render_run(run)
        finally:
            sys.setprofile(None)
        return made

    assert calls(1_600) < 20 * calls(100)


def test_a_text_that_is_nested_without_end_is_none() -> None:
    """It is left out of the page."""
    run = contents("odd")
    run = replace(run, texts={**run.texts, layout.plan_path("train"): "[" * 100_000})
    assert "odd" in render_run(run)


def test_two_runs_show_what_differs_and_that_alone() -> None:
    """Values and packages that are equal are not listed; curves of one metric share a picture."""
    page = PAGES["two"]
    differing = page.split("What differs")[1].split("</section>")[0]
    assert "model.width" in differing
    assert "seed" not in differing
    assert "torch" in page.split("Packages that differ")[1].split("</section>")[0]
    assert page.count('aria-label="train_loss"') == 1


def test_a_model_is_not_loaded_where_nothing_is_stored_of_it() -> None:
    """Of a run that ended before its first checkpoint, and of another tool's."""
    whole = contents("run")
    for run in (replace(whole, has_checkpoint=False), replace(whole, texts={})):
        assert "load_model_from_checkpoint" not in render_run(run)
        assert 1 == render_two_runs(whole, run).count("model = load_model_from_checkpoint")


def test_what_is_not_known_of_a_run_is_no_difference() -> None:
    """Of a run of another tool, or one that has not come to record its packages."""
    whole, foreign = contents("first"), replace(contents("second"), run_name="foreign", texts={})
    page = render_two_runs(whole, foreign)
    assert "not known: no plan is stored of foreign" in page
    assert "Packages that differ" not in page

    early = {path: text for path, text in whole.texts.items() if path != layout.ENVIRONMENT}
    more = {**whole.texts, layout.ENVIRONMENT: json.dumps({"packages": {"torch": "9", "other": "1"}})}
    differing = render_two_runs(replace(whole, texts=early), replace(foreign, texts=more))
    listed = differing.split("Packages that differ")[1].split("</section>")[0]
    assert ("torch" in listed, "other" in listed) == (True, False)


def test_a_run_whose_process_died_is_not_called_running() -> None:
    """Its status in the store stays until somebody changes it."""
    page = render_run(replace(contents("run", status="RUNNING"), is_abandoned=True))
    assert '<span class="bad">no sign of life</span>' in page
    assert ">running<" not in page
