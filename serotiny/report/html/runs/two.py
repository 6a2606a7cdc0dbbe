"""Render a page that compares two runs: their differences, and their curves in the same pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from serotiny.plain_config import canonical
from serotiny.report.html.elements import escaped
from serotiny.report.html.line_chart import line_chart
from serotiny.report.html.page import long_table, long_tiles, page, picture, section, table, tiles
from serotiny.report.html.runs.facts import RunFacts, chart_groups, importance, text_of
from serotiny.report.html.runs.one import changes, loading, status
from serotiny.tracking import layout
from serotiny.tracking.contents import History, RunContents

_MISSING = object()
_ABSENT = '<span class="faint">–</span>'


def render_two_runs(left: RunContents, right: RunContents) -> str:
    """The whole, self-contained page."""
    pair = RunFacts(left), RunFacts(right)
    names = _names(left, right)
    parts = (
        _head(pair, names),
        section("What differs in the configuration", _config(pair, names)),
        section("Final metrics", _metrics(pair, names)),
        section(
            "Curves", long_tiles(line_chart(name, curves) for name, curves in _curves(pair, names).items())
        ),
        section("Pictures", _pictures(pair, names)),
        section("Packages that differ", _packages(pair, names)),
        section("What was not committed", _changes(pair, names)),
        section("Load the models", _loading(pair, names)),
    )
    return page(" · ".join(names), "\n".join(part for part in parts if part))


_Pair = tuple[RunFacts, RunFacts]
_Names = tuple[str, str]


def _names(left: RunContents, right: RunContents) -> _Names:
    """The names of both runs, which are made different if they are equal."""
    if left.run_name != right.run_name:
        return left.run_name, right.run_name
    return f"{left.run_name} ({left.run_id[:8]})", f"{right.run_name} ({right.run_id[:8]})"


def _head(pair: _Pair, names: _Names) -> str:
    facts: list[tuple[str, Callable[[RunFacts], str]]] = [
        ("status", lambda side: status(side.run)),
        ("run id", lambda side: escaped(side.run.run_id)),
        ("experiment", lambda side: escaped(side.run.experiment_name)),
        ("data", lambda side: escaped(side.run.tags.get(layout.TAG_DATA, ""))),
        ("started", lambda side: escaped(side.started)),
        ("took", lambda side: escaped(side.duration)),
        ("commit", lambda side: escaped(side.run.tags.get("mlflow.source.git.commit", ""))),
        ("command", lambda side: f"<code>{escaped(side.command)}</code>" if side.command else ""),
    ]
    rows = [(label, *(show(side) or _ABSENT for side in pair)) for label, show in facts]
    shown = [row for row in rows if set(row[1:]) != {_ABSENT}]
    title = " · ".join(map(escaped, names))
    return f"<header><h1>{title}</h1>{table(shown, ('', *names))}</header>"


def _config(pair: _Pair, names: _Names) -> str:
    unknown = [escaped(name) for side, name in zip(pair, names, strict=True) if not side.values]
    if unknown:
        return f'<p class="faint">not known: no plan is stored of {" and ".join(unknown)}</p>'
    rows = []
    for key, left, right in _differing(pair[0].values, pair[1].values):
        cells = (
            _value(left, pair[0].origins.get(key, "")),
            _value(right, pair[1].origins.get(key, "")),
        )
        rows.append((escaped(key), *cells))
    if not rows:
        return '<p class="faint">nothing</p>'
    return table(rows, ("key", *names))


def _value(value: Any, origin: str) -> str:
    if value is _MISSING:
        return _ABSENT
    set_by = f'<br><span class="faint">{escaped(origin)}</span>' if origin else ""
    return f"<code>{escaped(text_of(value))}</code>{set_by}"


def _differing(left: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for key in dict.fromkeys((*left, *right)):
        one, other = left.get(key, _MISSING), right.get(key, _MISSING)
        if one is _MISSING or other is _MISSING or canonical(one) != canonical(other):
            yield key, one, other


def _metrics(pair: _Pair, names: _Names) -> str:
    left, right = (side.final_metrics for side in pair)
    rows = []
    for name in sorted({*left, *right}, key=importance):
        values = [f"{final[name][1]:.6g}" if name in final else _ABSENT for final in (left, right)]
        change = f"{right[name][1] - left[name][1]:+.3g}" if name in left and name in right else _ABSENT
        rows.append((escaped(name), *values, change))
    return long_table(rows, ("metric", *names, "change"))


def _curves(pair: _Pair, names: _Names) -> dict[str, dict[str, History]]:
    """The curves of both runs for each metric."""
    found: dict[str, dict[str, History]] = {}
    for side, name in zip(pair, names, strict=True):
        for group in chart_groups(side.run.metrics).values():
            for metric, points in group.items():
                found.setdefault(metric, {})[name] = points
    return found


def _pictures(pair: _Pair, names: _Names) -> str:
    """Those of the same title beside each other, in a row of their own."""
    return "".join(
        tiles(
            picture(f"{title}: {name}", side.run.pictures[title])
            for side, name in zip(pair, names, strict=True)
            if title in side.run.pictures
        )
        for title in dict.fromkeys((*pair[0].run.pictures, *pair[1].run.pictures))
    )


def _packages(pair: _Pair, names: _Names) -> str:
    left, right = (side.packages for side in pair)
    if not all(side.has_all_packages for side in pair):
        left, right = ({name: known[name] for name in left.keys() & right.keys()} for known in (left, right))
    rows = [
        (escaped(name), *(_ABSENT if value is _MISSING else escaped(value) for value in values))
        for name, *values in _differing(left, right)
    ]
    return table(rows, ("package", *names))


def _loading(pair: _Pair, names: _Names) -> str:
    found = [(name, loading(side.run)) for side, name in zip(pair, names, strict=True)]
    return "".join(f"<h3>{escaped(name)}</h3>{code}" for name, code in found if code)


def _changes(pair: _Pair, names: _Names) -> str:
    found = [(name, changes(side.run)) for side, name in zip(pair, names, strict=True)]
    return "".join(f"<h3>{escaped(name)}</h3>{text}" for name, text in found if text)
