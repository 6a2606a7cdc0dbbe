"""A self-contained page without scripts or network access, for light and dark mode and all widths of screens."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from serotiny.report.html.elements import escaped

COLOURS: Final = 8
"""The number of different colours of curves and bars, with the CSS classes `c0` and so on."""

_STYLE: Final = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1d2126;--faint:#5d6670;--line:#d9dee3;--panel:#f5f7f9;
--good:#1b6e2e;--bad:#b3261e;--link:#0b5cad;
--low:#4338a8;--high:#d2691e;
--c0:#1f6fb4;--c1:#c4560f;--c2:#1d7d3f;--c3:#a8201f;--c4:#6f4fa8;--c5:#7a4a3a;--c6:#b0388f;--c7:#0d7f8c}
@media (prefers-color-scheme:dark){:root{--paper:#15181c;--ink:#e4e8ec;--faint:#9aa5b0;--line:#333a42;--panel:#1e2329;
--good:#6fcf87;--bad:#ff8a80;--link:#7db8f5;
--low:#8f9bff;--high:#ffb454;
--c0:#6fb2ee;--c1:#f2a065;--c2:#6fcf87;--c3:#ff8a80;--c4:#b79bf0;--c5:#cfa08f;--c6:#f08fd2;--c7:#5cc8d4}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:90rem;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
h1{font-size:1.5rem;margin:.2rem 0;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2rem 0 .6rem;border-bottom:1px solid var(--line);padding-bottom:.2rem}
h3{font-size:.95rem;margin:0 0 .3rem;overflow-wrap:anywhere}
a{color:var(--link)}
.faint{color:var(--faint)}.good{color:var(--good)}.bad{color:var(--bad)}
.wide{overflow-x:auto}
table{border-collapse:collapse}
th,td{text-align:left;vertical-align:top;padding:.15rem .8rem .15rem 0}
th,td{overflow-wrap:anywhere;min-width:6.5rem}
tbody th{font-weight:500;min-width:8.5rem}
@media (max-width:34rem){th,td{min-width:4.7rem;padding-right:.4rem}tbody th{min-width:6rem}}
thead th{border-bottom:1px solid var(--line)}
td.number{font-variant-numeric:tabular-nums}
pre,code{font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--panel);padding:.7rem;overflow-x:auto;border-radius:4px;margin:.4rem 0}
details{margin:.6rem 0}summary{cursor:pointer;font-weight:600}
.tiles{display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,24rem),1fr))}
.tiles+.tiles{margin-top:1rem}
.tile{background:var(--panel);border-radius:6px;padding:.7rem;min-width:0}
.tile img{max-width:100%;height:auto;background:#fff;border-radius:4px;display:block}
svg{width:100%;height:auto;display:block}
svg text{fill:var(--faint);font-size:11px}
svg .axis{stroke:var(--line);stroke-width:1;fill:none}
.short td,.short th{white-space:nowrap;min-width:0}
svg.over text{paint-order:stroke;stroke:var(--paper);stroke-width:3px}
svg .name{fill:var(--ink);font-weight:bold}
svg .job{fill:none;stroke-width:1.6;opacity:.8}svg .job:hover{stroke-width:5;opacity:1}svg circle:hover{r:6}
svg .curve{fill:none;stroke-width:1.6;stroke-linejoin:round}
.legend{display:flex;flex-wrap:wrap;gap:.1rem .9rem;margin:.3rem 0 0;padding:0;list-style:none;font-size:13px}
.legend li{overflow-wrap:anywhere}
.key{display:inline-block;width:.9rem;height:.2rem;margin-right:.35rem;vertical-align:middle;border-radius:1px}
.minus{color:var(--bad)}.plus{color:var(--good)}
""" + "".join(
    f".c{number}{{stroke:var(--c{number})}}.f{number}{{fill:var(--c{number})}}.b{number}{{background:var(--c{number})}}\n"
    for number in range(COLOURS)
)


def page(title: str, body: str) -> str:
    """The whole document with `body`, which is HTML already."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="data:,">\n'  # otherwise a browser would request one
        f"<title>{escaped(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


MOST_ROWS = 40
_MOST_SHOWN = 20_000
MOST_TILES = 24


def section(title: str, content: str) -> str:
    """A section with a heading; empty if there is no content."""
    return f"<section><h2>{escaped(title)}</h2>{content}</section>\n" if content else ""


def table(rows: Iterable[Sequence[str]], headings: Sequence[str] = ()) -> str:
    """A table from rows of cells, which are HTML already; the first cell of a row is its heading.

    Of rows without end the first ones are shown.
    """
    listed = iter(rows)
    lines = [
        "<tr>"
        + "".join(f"<{tag}>{cell}</{tag}>" for tag, cell in zip(_tags(row), row, strict=True))
        + "</tr>"
        for row in islice(listed, _MOST_SHOWN)
    ]
    if not lines:
        return ""
    if next(listed, None) is not None:
        lines.append(f"<tr><td>more than these {_MOST_SHOWN:,} rows are not shown</td></tr>")
    head = "".join(f'<th scope="col">{escaped(text)}</th>' for text in headings)
    thead = f"<thead><tr>{head}</tr></thead>" if headings else ""
    return f'<div class="wide"><table>{thead}<tbody>{"".join(lines)}</tbody></table></div>'.replace(
        "<th>", '<th scope="row">'
    )


def long_table(rows: Sequence[Sequence[str]], headings: Sequence[str]) -> str:
    """A table, folded from some row on, so that it does not hide what comes below it."""
    rest = table(rows[MOST_ROWS:], headings)
    return table(rows[:MOST_ROWS], headings) + _folded(rest, len(rows) - MOST_ROWS)


def _folded(content: str, count: int) -> str:
    return f"<details><summary>{count:,} more</summary>{content}</details>" if content else ""


def _tags(row: Sequence[str]) -> list[str]:
    return ["th", *["td"] * (len(row) - 1)]


def tiles(contents: Iterable[str]) -> str:
    """Parts side by side, as many as fit."""
    shown = "".join(f'<div class="tile">{content}</div>' for content in contents)
    return f'<div class="tiles">{shown}</div>' if shown else ""


def long_tiles(contents: Iterable[str]) -> str:
    """Tiles, folded from some one on."""
    listed = list(contents)
    return tiles(listed[:MOST_TILES]) + _folded(tiles(listed[MOST_TILES:]), len(listed) - MOST_TILES)


def picture(name: str, png: bytes) -> str:
    """A PNG that is embedded in the page."""
    data = base64.b64encode(png).decode("ascii")
    return f'<h3>{escaped(name)}</h3><img alt="{escaped(name)}" src="data:image/png;base64,{data}">'


def legend(names: Iterable[str]) -> str:
    """A legend of names, in the order of the colours."""
    items = "".join(
        f'<li><span class="key b{number % COLOURS}"></span>{escaped(name)}</li>'
        for number, name in enumerate(names)
    )
    return f'<ul class="legend">{items}</ul>'
