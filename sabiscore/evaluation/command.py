"""What `sabiscore backtest` does once it has matches and a model."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import polars as pl
from rich.console import Console

from sabiscore.data import disk
from sabiscore.errors import SabiScoreError
from sabiscore.evaluation.backtest import Backtest, SeasonModel, Variant, backtest, default_seasons
from sabiscore.evaluation.optional import need
from sabiscore.evaluation.page import page
from sabiscore.evaluation.rivals import BASE_RATES, MARKET, Company
from sabiscore.evaluation.scored import OURS
from sabiscore.evaluation.sheet import markdown
from sabiscore.evaluation.tables import FEWEST, print_sheets, sheets
from sabiscore.features import columns
from sabiscore.progress import bars
from sabiscore.scoring.months import Month, Months, encoded


def command(
    frame: pl.DataFrame,
    model: SeasonModel,
    seasons: Sequence[int] = (),
    *,
    leagues: Sequence[str] = (),
    ablations: Mapping[str, Variant] | None = None,
    company: Company | None = None,
    as_json: bool = False,
    as_markdown: bool = False,
    html: Path | None = None,
    months: Path | None = None,
    console: Console | None = None,
) -> None:
    """Backtest ``seasons`` (by default the last two with odds), print it, and write the page to ``html``.

    To ``months`` goes what `scoring.months` has of it.

    The rest is as `backtest.backtest` has it.

    Raises:
        DataError: a season has no match with pre-match odds.
        SabiScoreError: penaltyblog or matplotlib is not installed, or a file cannot be written.
    """
    if html is not None:
        need("matplotlib")
    for path in (html, months):
        _check_place(path)
    with bars() as told:
        found = backtest(
            frame,
            seasons or default_seasons(frame),
            model,
            told,
            leagues=leagues,
            ablations=ablations,
            company=company,
        )
    if html is not None:
        disk.write(html, page(found).encode())
    if months is not None:
        disk.write(months, encoded(_by_month(found)))
    _show(found, console or Console(), as_json=as_json, as_markdown=as_markdown)


def _by_month(found: Backtest) -> Months:
    rows = [(part, part.rps) for part in found.months if part.n >= FEWEST]
    return Months(
        columns.fingerprint(),
        found.pooled,
        [Month(part.name, part.n, rps[OURS], rps[MARKET], rps[BASE_RATES]) for part, rps in rows],
    )


def _show(found: Backtest, console: Console, *, as_json: bool, as_markdown: bool) -> None:
    if as_json:
        console.out(msgspec.json.encode(found).decode(), highlight=False)
    elif as_markdown:
        console.out("\n".join(map(markdown, sheets(found))), highlight=False)
    else:
        print_sheets(found, console)


def _check_place(path: Path | None) -> None:
    """Minutes later is too late to find out."""
    if path is not None and (not path.parent.is_dir() or path.is_dir()):
        raise SabiScoreError(f"{path} cannot be written: give a file in a directory that exists")
