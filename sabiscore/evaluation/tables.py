"""Backtests and evaluations as tables of text, for a terminal, a page or a README."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from sabiscore.advice.rules import LEAST_VALUE
from sabiscore.advice.value import KELLY_FRACTION, LARGEST_STAKE
from sabiscore.evaluation.aged import LEVELS, AgeBand, Hits
from sabiscore.evaluation.backtest import Backtest
from sabiscore.evaluation.cuts import FIRST_ROUNDS, LAST_ROUNDS
from sabiscore.evaluation.evaluate import Comparison, Evaluation
from sabiscore.evaluation.glance import glance, pooled
from sabiscore.evaluation.parts import REFERENCES, OurPart, Quality
from sabiscore.evaluation.rivals import MARKET, RIVALS
from sabiscore.evaluation.scored import OURS, WITH_ODDS
from sabiscore.evaluation.sheet import (
    CLOSING_NOTE,
    EXPECTED_GAP,
    GAP,
    KL,
    Sheet,
    gap,
    interval,
    kl,
    percent,
)
from sabiscore.scoring.bootstrap import LEVEL, RESAMPLES, Interval
from sabiscore.scoring.reliability import Bin, calibration_error
from sabiscore.scoring.scores import ECE_BINS, Scores

FEWEST = 20
"""Matches of a part, or forecasts in a bin, below which it is not shown: it would show nothing but luck."""

MEASURES = {
    name: {"rps": "RPS", "brier": "Brier", "ece": "ECE"}.get(name, name.replace("_", " "))
    for name in Scores.__struct_fields__
    if name != "n"
}
"""The fields of `Scores` as tables name them."""

SCORE_FORMS = f"Brier is the sum form (0 to 2); ECE has {ECE_BINS} bins, averaged over outcomes"
EVALUATION_NOTE = f"{SCORE_FORMS}; lower is better. {CLOSING_NOTE}"
SCORES_NOTE = (
    f"Lower is better but for accuracy. {SCORE_FORMS}; by chance is what a perfectly calibrated "
    "forecast has on so many matches, with the "
    f"{LEVEL:.0%} interval. All are scored on the same matches, but for who did not publish a forecast of some."
)
DIFFERENCES_NOTE = (
    f"Mean RPS less that of the column: below zero is better. {LEVEL:.0%} intervals of a paired bootstrap, "
    f"{RESAMPLES:,} draws of whole weeks of a league."
)
PARTS_NOTES = {
    "season": "",
    "league": "Groups of leagues are followed by each of theirs.",
    "round": f"By how many matches a club of the match had played or has left: {FIRST_ROUNDS} and {LAST_ROUNDS}.",
    "newcomers": (
        f"The first {FIRST_ROUNDS} matches of a club that was not in the league the season before, and all others."
    ),
    "month": f"Without months of fewer than {FEWEST} matches.",
}
AGES_NOTE = (
    "Every match, with or without odds, once for each age that the data have when they end so many months before it "
    "and are not fresh. Of each level the hit rate, and in brackets the share of forecasts that have it; a club "
    "that comes up and has not played in the league this season makes it low. The bounds of each age were chosen on "
    "earlier seasons."
)
MARKETS_NOTE = (
    "Brier is the squared error of the yes, 0 to 1; of a market of several events the sum of theirs, 0 to 2. "
    "The base is how often each happened in these very matches."
)
RELIABILITY_NOTE = "The mean of what was said: how often it happened (how many forecasts)."
BETTING_NOTE = (
    "Bets are the product's own: one a match at most, where the expected value is at least "
    f"{LEAST_VALUE:.0%} and the league is licensed; the stake is {KELLY_FRACTION:g} of Kelly's, at most "
    f"{LARGEST_STAKE:.0%} of a bankroll that stays the same. "
    "The product bets by ours with odds in licensed leagues; the other rows are the same rule were every league "
    "licensed. The best prices are the highest of all bookmakers, more than anyone gets every time; taxes and limits "
    "are left out."
)


def sheets(found: Backtest) -> list[Sheet]:
    """All tables, the one that says most first."""
    made = [
        glance(found),
        _forecasts(found),
        _differences(found),
        *(_parts(by, each) for by, each in found.parts.items()),
        _ablations(found),
        _markets(found),
        _reliability(found),
        _confidence(found),
        _ages(found.ages),
        _betting(found),
    ]
    return [sheet for sheet in made if sheet.rows]


def print_sheets(found: Backtest, console: Console | None = None) -> None:
    """Print all tables."""
    console = console or Console()
    for sheet in sheets(found):
        table = Table(
            title=sheet.title, caption=sheet.note or None, title_justify="left", caption_justify="left"
        )
        for place, column in enumerate(sheet.columns):
            table.add_column(column, justify="right" if place else "left", no_wrap=not place)
        for row in sheet.rows:
            table.add_row(*row)
        console.print(table)


def print_evaluation(evaluation: Evaluation, console: Console | None = None) -> None:
    """Print a table per league and one for all of them, each with every rival."""
    console = console or Console()
    table = Table(
        title=f"bundle {evaluation.version}, trained through {evaluation.data_through}",
        caption=EVALUATION_NOTE,
    )
    table.add_column("league", no_wrap=True)
    table.add_column("forecast", no_wrap=True)
    for name in (*MEASURES.values(), EXPECTED_GAP, KL, "n"):
        table.add_column(name, justify="right")
    for league, comparison in {**evaluation.leagues, "all": evaluation.pooled}.items():
        _add(table, league, comparison)
    console.print(table)
    if evaluation.seen_in_training:
        seen = f"{evaluation.seen_in_training} of {evaluation.pooled.scores['model'].n} matches"
        console.print(
            f"{seen} are no news to this bundle: its scores on them flatter it. "
            "Train with --until, then evaluate with --from the same day."
        )


def _add(table: Table, league: str, comparison: Comparison) -> None:
    for name, scores in comparison.scores.items():
        close = comparison.closeness.get(name)
        closing = ("", "") if close is None else (gap(close.expected_gap), f"{close.divergence:.2f}")
        table.add_row(league, name.replace("_", " "), *_measures(scores), *closing, str(scores.n))
        league = ""
    table.add_section()


def ranked(names: Iterable[str]) -> list[str]:
    """Rivals first, then ablations, then ours."""
    order = (*RIVALS, "", OURS, WITH_ODDS)
    return sorted(names, key=lambda name: order.index(name) if name in order else order.index(""))


def _forecasts(found: Backtest) -> Sheet:
    columns = ["forecast", *MEASURES.values(), "ECE by chance", GAP, EXPECTED_GAP, KL, "n"]
    rows = [
        [
            name,
            *_measures(each.scores),
            _chance(each.chance_ece),
            *_beside_market(each),
            str(each.scores.n),
        ]
        for name, each in _ranked(found)
        if name not in found.ablations
    ]
    title = f"Forecasts, {pooled(found)}: {found.n:,} matches with odds, {found.unpriced} without left out"
    return Sheet(title, columns, rows, f"{SCORES_NOTE} {CLOSING_NOTE}")


def _ranked(found: Backtest) -> list[tuple[str, Quality]]:
    return [(name, found.forecasts[name]) for name in ranked(found.forecasts)]


def _beside_market(each: Quality) -> list[str]:
    """Nothing for the market itself: it is what the gaps are to."""
    beside = each.less.get(MARKET)
    return [interval(beside), interval(each.expected_gap if beside else None), kl(each.divergence)]


def _measures(scores: Scores) -> list[str]:
    return [f"{getattr(scores, name):.4f}" for name in MEASURES]


def _chance(chance: Interval) -> str:
    return f"{chance.value:.4f} ({chance.low:.4f} to {chance.high:.4f})"


def _differences(found: Backtest) -> Sheet:
    references = [name for name in REFERENCES if name != MARKET and name in found.forecasts]
    rows = [
        [name, *(interval(each.less.get(reference)) for reference in references)]
        for name, each in _ranked(found)
        if name not in found.ablations
    ]
    columns = ["forecast", *(f"less {name}" for name in references)]
    return Sheet("RPS against each other", columns, rows, DIFFERENCES_NOTE)


def _parts(by: str, found: list[OurPart]) -> Sheet:
    columns = [by, f"RPS {OURS}", f"RPS {MARKET}", GAP, EXPECTED_GAP, KL, "ECE", "ECE by chance", "n"]
    rows = [
        [
            each.name,
            *(f"{each.rps[name]:.4f}" for name in (OURS, MARKET)),
            interval(each.gap),
            interval(each.expected_gap),
            kl(each.divergence),
            f"{each.ece:.4f}",
            f"{each.chance_ece:.4f}",
            str(each.n),
        ]
        for each in found
        if each.n >= FEWEST
    ]
    return Sheet(f"By {by}", columns, rows, PARTS_NOTES[by])


def _ablations(found: Backtest) -> Sheet:
    names = [name for name in (OURS, *found.ablations) if name in found.forecasts] if found.ablations else []
    rows = [
        [name, interval(each.less.get(OURS)), *_beside_market(each), f"{each.scores.rps:.4f}"]
        for name, each in ((name, found.forecasts[name]) for name in names)
    ]
    return Sheet(
        "Ablations", ["forecast", f"less {OURS}", GAP, EXPECTED_GAP, KL, "RPS"], rows, DIFFERENCES_NOTE
    )


def _markets(found: Backtest) -> Sheet:
    rows = [
        [
            f"{market}: {name}",
            f"{each.brier:.4f}",
            f"{each.base:.4f}",
            f"{each.ece:.4f}",
            "" if each.rps is None else f"{each.rps:.4f}",
            str(each.n),
        ]
        for market, forecasts in found.markets.items()
        for name, each in forecasts.items()
    ]
    return Sheet(
        "Other markets", ["forecast", "Brier", "Brier of the base", "ECE", "RPS", "n"], rows, MARKETS_NOTE
    )


def _reliability(found: Backtest) -> Sheet:
    """Ours only: the page has pictures of all."""
    told = {
        **found.outcome_reliability[OURS],
        **{market: bins[OURS] for market, bins in found.market_reliability.items()},
    }
    rows = [
        [
            f"{place / ECE_BINS:.1%} to {(place + 1) / ECE_BINS:.1%}",
            *(_bin(bins, place) for bins in told.values()),
        ]
        for place in range(ECE_BINS)
    ]
    errors = ["ECE", *(f"{calibration_error(bins):.4f}" if bins else "" for bins in told.values())]
    return Sheet("Reliability of ours", ["probability", *told], [*rows, errors], RELIABILITY_NOTE)


def _bin(bins: list[Bin], place: int) -> str:
    """Said and happened in one bin of equal width, and how many forecasts it has."""
    for each in bins:
        if min(int(each.said * ECE_BINS), ECE_BINS - 1) == place:
            return f"{each.said:.1%}: {each.happened:.1%} ({each.n})"
    return ""


def _confidence(found: Backtest) -> Sheet:
    rows = [
        [
            f"{name}: {level}",
            percent(worth.hit_rate),
            percent(worth.share),
            str(worth.n),
            *(f"{worth.rps[forecast]:.4f}" for forecast in (OURS, MARKET)),
        ]
        for name, levels in found.confidence.items()
        for level, worth in levels.items()
    ]
    columns = ["confidence", "hit rate", "of matches", "n", f"RPS {OURS}", f"RPS {MARKET}"]
    return Sheet("By confidence", columns, rows, "The bounds were chosen on earlier seasons.")


def _ages(ages: list[AgeBand]) -> Sheet:
    rows = [
        [
            f"{each.since + 1} to {each.through} days",
            f"{each.scores.rps:.4f}",
            percent(each.scores.accuracy),
            f"{each.scores.ece:.4f}",
            *(_hits(each.unlowered, level) for level in LEVELS),
            *(_hits(each.given, level) for level in LEVELS),
            str(each.scores.n),
        ]
        for each in ages
    ]
    levels = [f"{level} {how}" for how in ("if age did not matter", "as given") for level in LEVELS]
    return Sheet(
        "By age of the data", ["last match known", "RPS", "accuracy", "ECE", *levels, "n"], rows, AGES_NOTE
    )


def _hits(levels: dict[str, Hits], level: str) -> str:
    found = levels.get(level)
    return "none" if found is None else f"{percent(found.hit_rate)} ({percent(found.share)})"


def _betting(found: Backtest) -> Sheet:
    rows = [
        [
            f"{each.forecast}, {each.prices} prices, {each.leagues}",
            str(each.bets),
            f"{each.staked:.2f}",
            f"{each.profit:+.2f}",
            "" if each.per_unit is None else interval(each.per_unit, 3),
        ]
        for each in found.betting
    ]
    columns = ["bettor", "bets", "staked", "profit", "profit per unit"]
    claims = " ".join(
        f"{each.forecast}, {each.prices}, {each.leagues}: {each.claim}" for each in found.betting
    )
    return Sheet("Betting", columns, rows, f"{BETTING_NOTE} {claims}")
