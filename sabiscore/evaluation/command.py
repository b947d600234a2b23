"""What `sabiscore backtest` does once it has matches and a model."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import polars as pl
from rich.console import Console

from sabiscore.errors import SabiScoreError
from sabiscore.evaluation.backtest import Backtest, SeasonModel, Variant, backtest, default_seasons
from sabiscore.evaluation.optional import need
from sabiscore.evaluation.page import page
from sabiscore.evaluation.rivals import Company
from sabiscore.evaluation.sheet import markdown
from sabiscore.evaluation.tables import print_sheets, sheets
from sabiscore.progress import bars


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
    console: Console | None = None,
) -> None:
    """Backtest ``seasons`` (by default the last two with odds), print it, and write the page to ``html``.

    The rest is as `backtest.backtest` has it.

    Raises:
        DataError: a season has no match with pre-match odds.
        SabiScoreError: penaltyblog or matplotlib is not installed, or there is no directory for the page.
    """
    if html is not None:
        _check_page(html)
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
        html.write_text(page(found), encoding="utf-8")
    _show(found, console or Console(), as_json=as_json, as_markdown=as_markdown)


def _show(found: Backtest, console: Console, *, as_json: bool, as_markdown: bool) -> None:
    if as_json:
        console.out(msgspec.json.encode(found).decode(), highlight=False)
    elif as_markdown:
        console.out("\n".join(map(markdown, sheets(found))), highlight=False)
    else:
        print_sheets(found, console)


def _check_page(html: Path) -> None:
    """Minutes later is too late to find out."""
    need("matplotlib")
    if not html.parent.is_dir() or html.is_dir():
        raise SabiScoreError(f"{html} cannot be written: give a file in a directory that exists")
