"""The backtest as one page that needs nothing else: no script, no font, no picture from elsewhere."""

from html import escape

from sabiscore.evaluation.backtest import Backtest
from sabiscore.evaluation.figures import Figure, figures
from sabiscore.evaluation.scored import OURS, WITH_ODDS
from sabiscore.evaluation.sheet import Sheet
from sabiscore.evaluation.tables import sheets

_STYLE = """
:root { color-scheme: light dark;
  --paper: #fff; --ink: #1c2024; --quiet: #5b6470; --rule: #9aa3ad; --band: #f3f5f7;
  --ours: #1d4ed8; --with-odds: #a21caf; --market: #b45309; --dixon-coles: #047857; --base-rates: #64748b; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #14171a; --ink: #e8eaed; --quiet: #a3acb6; --rule: #6b7480; --band: #1d2226;
  --ours: #7aa7ff; --with-odds: #e879f9; --market: #fbbf24; --dixon-coles: #34d399; --base-rates: #94a3b8; } }
body { margin: 0 auto; max-width: 75rem; padding: 1.5rem 1rem 3rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; }
p { max-width: 46rem; margin: .4rem 0; }
.note, figcaption { color: var(--quiet); font-size: .875rem; }
.pictures { display: grid; gap: 1.5rem; margin-bottom: 1.5rem; }
.square { grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
.wide { grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); }
figure { margin: 0; }
figure h3 { font-size: 1rem; margin: 0 0 .25rem; }
figure svg { display: block; width: 100%; height: auto; }
figure svg text { font-family: inherit !important; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: .25rem; }
@media (max-width: 40rem) { th:first-child, td:first-child { white-space: normal; min-width: 7rem; } }
td.words { text-align: left; white-space: normal; min-width: 16rem; }
thead th { border-bottom: 1px solid var(--rule); vertical-align: bottom; white-space: normal; }
tbody tr:nth-child(even) { background: var(--band); }
tbody th { font-weight: normal; }
tbody tr.ours th { font-weight: 600; }
""".strip()


def page(found: Backtest) -> str:
    """The whole page.

    Raises:
        SabiScoreError: matplotlib is not installed.
    """
    tables = sheets(found)
    pictures = figures(found)
    seasons = ", ".join(found.seasons)
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>SabiScore backtest {escape(seasons)}</title>",
            f"<style>{_STYLE}</style></head><body>",
            f"<h1>SabiScore backtest: {escape(seasons)}</h1>",
            f"<p>{escape(_summary(found))}</p>",
            *map(_table, tables[:2]),
            "<h2>Pictures</h2>",
            _pictures("square", [picture for picture in pictures if not picture.wide]),
            _pictures("wide", [picture for picture in pictures if picture.wide]),
            *map(_table, tables[2:]),
            "</body></html>",
            "",
        )
    )


def _summary(found: Backtest) -> str:
    return (
        f"{found.n:,} matches with pre-match odds ({found.unpriced} without are left out), data through "
        f"{found.data_through}. Every season is predicted by a model that was fitted on earlier seasons only; what "
        "it knows of the clubs moves on match day by match day. The rivals know no more."
    )


def _pictures(shape: str, pictures: list[Figure]) -> str:
    return f'<div class="pictures {shape}">{"".join(map(_picture, pictures))}</div>'


def _picture(picture: Figure) -> str:
    svg = picture.svg.replace("<svg", f'<svg role="img" aria-label="{escape(picture.alt)}"', 1)
    caption = picture.alt.removeprefix(f"{picture.title}. ")
    return f"<figure><h3>{escape(picture.title)}</h3>{svg}<figcaption>{escape(caption)}</figcaption></figure>"


def _table(sheet: Sheet) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in sheet.columns)
    body = "".join(map(_row, sheet.rows))
    note = f'<p class="note">{escape(sheet.note)}</p>' if sheet.note else ""
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    title = escape(sheet.title)
    return f'<h2>{title}</h2><div class="scroll" tabindex="0" role="region" aria-label="{title}">{table}</div>{note}'


def _row(row: list[str]) -> str:
    ours = ' class="ours"' if row[0] in (OURS, WITH_ODDS) else ""
    cells = "".join(
        f'<td class="words">{escape(cell)}</td>' if cell.endswith(".") else f"<td>{escape(cell)}</td>"
        for cell in row[1:]
    )
    return f'<tr{ours}><th scope="row">{escape(row[0])}</th>{cells}</tr>'
